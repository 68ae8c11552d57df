#pragma once
#include <string>

#include "engine/zoo.h"

namespace consilience::cli {

/// Everything that a card says, as a page of text.
[[nodiscard]] std::string card_page(const engine::ZooModel& model);

/// The same in one line.
[[nodiscard]] std::string card_line(const engine::ZooModel& model);

}  // namespace consilience::cli
