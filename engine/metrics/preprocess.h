#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/conditioning.h"
#include "engine/types/metric_spec.h"

namespace consilience::engine {

/// The words for what is done to features before a metric: "conditioned" (as the study or the
/// command says), "conditioned+centre", "raw", "centre" (subtract column means), "l2" (divide each
/// row by its norm), "centre+l2", "standardise" (centre, divide by the sample standard deviation:
/// the metrics that take it do that themselves).
[[nodiscard]] const std::vector<std::string>& preprocess_words();

/// A word, or the golden values' way to say it ("centre columns, then l2 rows"). Throws
/// Error(usage) listing the words.
[[nodiscard]] std::string parse_preprocess(std::string_view text);

/// How features are conditioned for this metric, and what its graphs are ordered by.
[[nodiscard]] Conditioning conditioning_for(const MetricSpec& metric, const Conditioning& given);

/// describe(conditioning_for(..)), with "standardise" where the metric does that.
[[nodiscard]] std::string describe_for(const MetricSpec& metric, const Conditioning& given);

}  // namespace consilience::engine
