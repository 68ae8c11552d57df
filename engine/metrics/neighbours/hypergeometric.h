#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace consilience::engine {

/// The mean of value(shared) where two sets of k are drawn at random from `rows`: what a function
/// of the overlap of two lists has under a random relabelling, sample by sample.
template <typename Value>
double hypergeometric_mean(int64_t rows, int64_t k, Value value) {
  const auto log_choose = [](int64_t from, int64_t some) {
    return std::lgamma(static_cast<double>(from) + 1) - std::lgamma(static_cast<double>(some) + 1) -
           std::lgamma(static_cast<double>(from - some) + 1);
  };
  double mean = 0;
  for (int64_t shared = std::max<int64_t>(0, 2 * k - rows); shared <= k; ++shared)
    mean += value(shared) * std::exp(log_choose(k, shared) + log_choose(rows - k, k - shared) -
                                     log_choose(rows, k));
  return mean;
}

}  // namespace consilience::engine
