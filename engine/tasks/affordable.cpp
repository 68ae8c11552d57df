#include "engine/tasks/affordable.h"

#include <algorithm>

namespace consilience::engine {
namespace {

constexpr size_t kFewPairs = 16;
constexpr size_t kFewPermutations = 39;

}  // namespace

Affordable affordable(const MetricInfo& metric, size_t layer_pairs, size_t permutations,
                      bool costly, bool headline) {
  const bool many = layer_pairs > kFewPairs;
  if (!costly && !headline && many && !metric.costly && metric.needs != Needs::graphs)
    return {permutations, false,
            fmt::format("{} reads features, which every half of {} layer pairs would do again: ask "
                        "with --costly, or name the metric first",
                        metric.name, layer_pairs)};
  if (costly || !metric.costly) return {permutations, true, ""};
  if (!many) return {std::min(permutations, kFewPermutations), true, ""};
  return {0, false,
          fmt::format("{} decomposes a matrix for each of {} layer pairs: null and interval are "
                      "taken when asked for (--costly; in a study costly = true)",
                      metric.name, layer_pairs)};
}

std::span<const std::vector<int32_t>> first_of(const Relabellings& all, size_t count) {
  return std::span(all).first(std::min(count, all.size()));
}

}  // namespace consilience::engine
