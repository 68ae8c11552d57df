#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// "block_3/mean" -> {"block_3", "mean"}
[[nodiscard]] std::pair<std::string, std::string> layer_and_pooling(const std::string& name);
/// Which side has random weights: "", "a", "b" or "both".
[[nodiscard]] std::string twin_sides(const ModelSummary& a, const ModelSummary& b);
/// One record, with its line end.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& fields);

}  // namespace consilience::engine
