#pragma once
#include <string>

#include "engine/base/json.h"

namespace consilience::cli {

[[nodiscard]] std::string gigabytes(double bytes);

/// What `bench neighbors` prints of its result.
[[nodiscard]] std::string neighbors_text(const engine::Json& result);

}  // namespace consilience::cli
