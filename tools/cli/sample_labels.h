#pragma once
#include <string>

#include "engine/tasks/model_input.h"

namespace consilience::cli {

/// Class and sibling names from text files, one line a row ("" : none); an empty path gives none.
/// Throws Error(never) naming the file when its lines are not `rows` many.
[[nodiscard]] engine::SampleLabels read_labels(const std::string& classes_file,
                                               const std::string& groups_file, int64_t rows);

}  // namespace consilience::cli
