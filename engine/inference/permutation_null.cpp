#include "engine/inference/permutation_null.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/cancel.h"
#include "engine/base/hash.h"
#include "engine/metrics/overlap_grid.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"

namespace consilience::engine {
namespace {

/// The largest count over all layer pairs, side a relabelled.
int64_t largest_count(const kernels::Context& context, const UsableLayers& a, const UsableLayers& b,
                      int k, std::span<const int32_t> relabelling) {
  Matrix<int64_t> counts(static_cast<int64_t>(a.lists.size()),
                         static_cast<int64_t>(b.lists.size()));
  kernels::overlap_counts(context, a.lists, b.lists, k, relabelling, counts.view());
  return std::ranges::max(counts.values());
}

void summarise(int64_t observed, const std::vector<int64_t>& null, double all, PairInference& out) {
  const auto permutations = static_cast<double>(null.size());
  out.null_maxima.clear();
  for (const int64_t count : null) out.null_maxima.push_back(static_cast<double>(count) / all);
  const int64_t total = std::accumulate(null.begin(), null.end(), int64_t{0});
  out.null_mean = static_cast<double>(total) / (permutations * all);
  double squares = 0;
  for (const double value : out.null_maxima)
    squares += (value - out.null_mean) * (value - out.null_mean);
  if (null.size() > 1) out.null_sd = std::sqrt(squares / (permutations - 1));
  out.null_largest = std::ranges::max(out.null_maxima);
  const auto reached =
      std::ranges::count_if(null, [observed](int64_t count) { return count >= observed; });
  out.p = (1 + static_cast<double>(reached)) / (1 + permutations);
  out.p_floor = 1 / (1 + permutations);
}

}  // namespace

std::string null_unit(const ModelGraphs& model, const ModelGraphs& partner) {
  const bool across =
      !model.modality.empty() && !partner.modality.empty() && model.modality != partner.modality;
  return across ? model.modality : model.model;
}

Relabellings draw_relabellings(const NullPlan& plan, const std::string& unit_a,
                               const std::string& unit_b, int64_t n) {
  expect(unit_a != unit_b,
         "both sides belong to the unit '{}': one permutation for both would change nothing; give "
         "the models different names",
         unit_a);
  expect(plan.permutations >= 1, "{} permutations; expected at least 1", plan.permutations);
  expect(plan.blocks.empty() || static_cast<int64_t>(plan.blocks.size()) == n,
         "{} block ids for {} rows", plan.blocks.size(), n);
  const uint32_t a = unit_id(unit_a);
  const uint32_t b = unit_id(unit_b);
  Relabellings relabellings;
  std::vector<int32_t> inverse(static_cast<size_t>(n));
  for (uint32_t p = 0; p < static_cast<uint32_t>(plan.permutations); ++p) {
    const auto draw = [&](uint32_t unit) {
      return kernels::permutation(plan.seed, p, kernels::Purpose::permutation, unit, n,
                                  plan.blocks);
    };
    const std::vector<int32_t> to_b = draw(b);
    for (size_t i = 0; i < to_b.size(); ++i)
      inverse[static_cast<size_t>(to_b[i])] = static_cast<int32_t>(i);
    std::vector<int32_t> composed = draw(a);
    for (int32_t& row : composed) row = inverse[static_cast<size_t>(row)];
    relabellings.push_back(std::move(composed));
  }
  return relabellings;
}

void permutation_null(const kernels::Context& context, const ModelGraphs& a, const ModelGraphs& b,
                      const MetricSpec& metric, const Relabellings& relabellings,
                      PairInference& out) {
  expect_same_rows(a, b);
  for (const auto& relabelling : relabellings) {
    expect(static_cast<int64_t>(relabelling.size()) == a.rows,
           "a relabelling of {} rows for models of {}", relabelling.size(), a.rows);
  }
  const UsableLayers left = usable_layers(a, metric.k);
  const UsableLayers right = usable_layers(b, metric.k);
  if (left.lists.empty() || right.lists.empty() || relabellings.empty()) return;

  const int64_t observed = largest_count(context, left, right, metric.k, {});
  std::vector<int64_t> null(relabellings.size());
  const kernels::Context inner{context.backend, 1};
  kernels::parallel_for(
      context, static_cast<int64_t>(null.size()), 1, [&](int64_t begin, int64_t end) {
        for (auto p = static_cast<size_t>(begin); p < static_cast<size_t>(end); ++p) {
          throw_if_cancelled();
          null[p] = largest_count(inner, left, right, metric.k, relabellings[p]);
        }
      });
  summarise(observed, null, static_cast<double>(a.rows) * metric.k, out);
}

double excess(const PairScore& score, const PairInference& inference) {
  return score.maximum - inference.null_mean;
}

}  // namespace consilience::engine
