#pragma once
#include <cstdint>
#include <span>

#include "engine/inference/interval.h"

namespace consilience::engine {

/// The interval of a score that is a mean over queries, for these neighbours as they are: queries
/// drawn again with replacement, lists fixed. It leaves out that other samples would be other
/// neighbours, so it is labelled "this gallery only" (it covers 81 to 91 % where the gallery counts
/// as drawn too).
/// `per_sample` [n] at the score's layer pair; `groups` [n] or empty: siblings are drawn together.
/// The standard deviation over all resamples has a closed form, so none is drawn:
/// sd = sqrt(sum over groups of (sum over their rows of (u - mean))^2) / n.
[[nodiscard]] Interval query_bootstrap(std::span<const double> per_sample,
                                       std::span<const int32_t> groups = {});

}  // namespace consilience::engine
