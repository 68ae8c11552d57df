#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// A number of the models' summaries by model name: "params" or "resolution"; unknown ones (0) are
/// left out. Throws Error(usage) for another name.
[[nodiscard]] std::map<std::string, double> summary_numbers(std::span<const ModelSummary> models,
                                                            const std::string& x_name);

/// One curve for every metric, family of trained models and every trained partner that it was
/// compared with: the maximum, its interval, the null mean and the random-twin baseline against x.
/// Points ascend in x; pairs without a maximum and models without an x are left out, and so are
/// curves without points. Order: metrics, families, partners, as in `models`.
[[nodiscard]] std::vector<Curve> build_curves(std::span<const ModelSummary> models,
                                              std::span<const PairResult> pairs,
                                              const std::string& x_name,
                                              const std::map<std::string, double>& x);
[[nodiscard]] std::vector<Curve> build_curves(std::span<const ModelSummary> models,
                                              std::span<const PairResult> pairs,
                                              const std::string& x_name);

}  // namespace consilience::engine
