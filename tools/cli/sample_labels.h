#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/tasks/model_input.h"

namespace consilience::cli {

/// Class and sibling names from text files, one line a row ("" : none); an empty path gives none.
/// Of the `kept` ones of `rows` rows. Throws Error(never) naming the file when its lines are not
/// `rows` many.
[[nodiscard]] engine::SampleLabels read_labels(const std::string& classes_file,
                                               const std::string& groups_file,
                                               const std::vector<int64_t>& kept, int64_t rows);

}  // namespace consilience::cli
