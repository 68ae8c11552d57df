#pragma once
#include <span>
#include <string>
#include <vector>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// One row for every layer pair in row-major order, with value, chance and reason. The row of the
/// maximum also carries what was inferred about the maximum over layers: null, p, p_floor and
/// interval; in the others these are NaN or empty.
/// `layers` (may be empty): where a side's clamp was off because its features are sparse, the row's
/// conditioning says so: "clamp=off(sparse), l2", or "clamp=0.95/layer|off(sparse), l2" when only
/// b's was.
[[nodiscard]] std::vector<ScoreRow> tidy_rows(const PairResult& pair, const std::string& twin = "",
                                              std::span<const LayerSummary> layers = {});

/// All pairs of a study in order; `twin` from the models' roles.
[[nodiscard]] std::vector<ScoreRow> tidy_rows(const StudyResult& study);

}  // namespace consilience::engine
