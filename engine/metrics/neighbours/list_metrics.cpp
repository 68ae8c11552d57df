#include "engine/metrics/neighbours/list_metrics.h"

#include <cmath>

#include "engine/metrics/neighbours/hypergeometric.h"
#include "engine/metrics/neighbours/list_scores.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// The mean over samples of `scorer` / whole, from the first k entries.
PreparedGrid mean_over_samples(const MetricSpec& metric, const ModelInput& a, const ModelInput& b,
                               double whole, std::function<RowScore()> scorer) {
  const int k = metric.k();
  PreparedGrid grid = prepare_cells(a, b, lists_reason(a.rows, k), {});
  const double divisor = static_cast<double>(a.rows) * whole;
  set_row_sums(grid, {.a = first_lists(a, k),
                      .b = first_lists(b, k),
                      .scorer = std::move(scorer),
                      .divisor = [divisor](int64_t, int64_t) { return divisor; }});
  return grid;
}

}  // namespace

PreparedGrid prepare_jaccard_knn(const kernels::Context&, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  const auto jaccard = [k](int64_t shared) {
    return static_cast<double>(shared) / static_cast<double>(2 * k - shared);
  };
  PreparedGrid grid = mean_over_samples(metric, a, b, 1, [jaccard] {
    return [jaccard](const ListPair& lists) { return jaccard(shared_rows(lists)); };
  });
  if (k < a.rows) grid.chance = hypergeometric_mean(a.rows - 1, k, jaccard);
  return grid;
}

PreparedGrid prepare_lcs_knn(const kernels::Context&, const MetricSpec& metric, const ModelInput& a,
                             const ModelInput& b) {
  return mean_over_samples(metric, a, b, metric.k(), [] {
    return [tails = std::vector<int32_t>()](const ListPair& lists) mutable {
      return static_cast<double>(longest_common(lists, tails));
    };
  });
}

PreparedGrid prepare_edit_knn(const kernels::Context&, const MetricSpec& metric,
                              const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  return mean_over_samples(metric, a, b, k, [k] {
    return [k, row = std::vector<int32_t>()](const ListPair& lists) mutable {
      return static_cast<double>(k - edit_distance(lists, row));
    };
  });
}

PreparedGrid prepare_rbo_knn(const kernels::Context&, const MetricSpec& metric, const ModelInput& a,
                             const ModelInput& b) {
  const int k = metric.k();
  const double p = metric.number("p");
  std::vector<double> weights;
  for (int d = 1; d <= k; ++d) weights.push_back((1 - p) * std::pow(p, d - 1) / d);
  const double last = std::pow(p, k) / k;
  PreparedGrid grid = mean_over_samples(metric, a, b, 1, [weights, last] {
    return [&weights, last, entering = std::vector<int32_t>()](const ListPair& lists) mutable {
      return rank_biased_overlap(lists, weights, last, entering);
    };
  });
  if (k >= a.rows) return grid;
  // Two random lists share d * d / (n - 1) rows at depth d.
  double chance = last * k * k;
  for (int d = 1; d <= k; ++d) chance += weights[static_cast<size_t>(d) - 1] * d * d;
  grid.chance = chance / static_cast<double>(a.rows - 1);
  return grid;
}

PreparedGrid prepare_cycle_knn(const kernels::Context&, const MetricSpec& metric,
                               const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  PreparedGrid grid = prepare_cells(a, b, lists_reason(a.rows, k), {});
  if (metric.word("A") == metric.word("B"))
    fail(Failure::usage, "cycle_knn: A and B are both '{}'; expected one x and one y",
         metric.word("A"));
  // i is listed by one of its B-neighbours in A: the B-list of i meets what lists i in A.
  const bool back_in_a = metric.word("A") == "x";
  const double n = static_cast<double>(a.rows);
  set_row_sums(
      grid,
      {.a = back_in_a ? listing_rows(a, k) : first_lists(a, k),
       .b = back_in_a ? first_lists(b, k) : listing_rows(b, k),
       .scorer =
           [] { return [](const ListPair& lists) { return shared_rows(lists) > 0 ? 1.0 : 0.0; }; },
       .divisor = [n](int64_t, int64_t) { return n; }});
  return grid;
}

}  // namespace consilience::engine
