#pragma once
#include <filesystem>

#include "engine/base/json.h"
#include "engine/tasks/view_side.h"
#include "engine/types/features.h"

namespace consilience::engine {

/// Answers a list of {metric, params, preprocess}, in the words of the golden values: the same
/// list, each entry with "value", or null and "reason", and "remarks" where there are some. With
/// several layers the value is the maximum over them and "layers" says where. calibrated_score,
/// calibrated_p_value and calibrated_threshold take {metric: "mutual_knn k=10", K, alpha,
/// permutations: a .npy file of [K, n] beside `folder`}. Throws Error(usage) that names the entry.
[[nodiscard]] Json answer_requests(const kernels::Context& context, const FeatureView& a,
                                   const FeatureView& b, const SampleLabels& labels,
                                   const Conditioning& given, const Json& requests,
                                   const std::filesystem::path& folder);

}  // namespace consilience::engine
