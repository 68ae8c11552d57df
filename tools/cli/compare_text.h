#pragma once
#include <string>

#include "engine/base/json.h"
#include "engine/types/study_result.h"

namespace consilience::cli {

/// What `compare` prints: the headline's ladder, then a line a metric. `metrics`: how many of the
/// result's pairs are the metrics asked for; the others are baselines.
[[nodiscard]] std::string compare_text(const engine::StudyResult& result, size_t metrics);
[[nodiscard]] engine::Json compare_json(const engine::StudyResult& result, size_t metrics);

/// What a reader should know before quoting the scores: a line each, for stderr.
[[nodiscard]] std::string compare_notes(const engine::StudyResult& result, size_t metrics);

}  // namespace consilience::cli
