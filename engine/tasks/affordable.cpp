#include "engine/tasks/affordable.h"

#include <algorithm>

namespace consilience::engine {
namespace {

constexpr size_t kFewPairs = 16;
constexpr size_t kFewPermutations = 39;

}  // namespace

Affordable affordable(const MetricInfo& metric, size_t layer_pairs, size_t permutations,
                      bool costly) {
  if (costly || !metric.costly) return {permutations, true, ""};
  if (layer_pairs <= kFewPairs) return {std::min(permutations, kFewPermutations), true, ""};
  return {0, false,
          fmt::format("{} decomposes a matrix for each of {} layer pairs: null and interval are "
                      "taken when asked for (--costly; in a study costly = true)",
                      metric.name, layer_pairs)};
}

Relabellings first_of(const Relabellings& all, size_t count) {
  return {all.begin(), all.begin() + static_cast<ptrdiff_t>(std::min(count, all.size()))};
}

}  // namespace consilience::engine
