#include "engine/inference/paired_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/cancel.h"
#include "engine/inference/cross_fit.h"
#include "engine/inference/half_side.h"
#include "engine/inference/interval.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

constexpr int64_t kLeastRowsPerNeighbor = 10;

int64_t smallest_half(const HalfSplits& splits) {
  int64_t smallest = std::ssize(splits.half.front());
  for (const auto& half : splits.half) {
    const int64_t ones = std::ranges::count(half, 1);
    smallest = std::min({smallest, ones, std::ssize(half) - ones});
  }
  return smallest;
}

struct CrossFitted {
  double value = kUnknown;
  std::string reason;
};

CrossFitted score_against(const kernels::Context& context, const MetricSpec& metric,
                          const ModelInput& model, const ModelInput& c, const HalfSplits& queries) {
  const PreparedGrid grid = prepare_metric(context, metric, model, c);
  if (!grid.per_sample)
    return {kUnknown, metric.name +
                          " has no scores per sample, so its layers can't be "
                          "cross-fitted"};
  const double value = cross_fitted(query_half_sums(grid, std::ssize(c.layers), queries),
                                    model.rows, metric_info(metric.name).larger_is_closer);
  if (!std::isnan(value)) return {value, ""};
  const auto why = std::ranges::find_if(grid.reasons, [](const auto& r) { return !r.empty(); });
  return {kUnknown, why == grid.reasons.end() ? "a model without layers" : *why};
}

struct Difference {
  CrossFitted a, b;
  [[nodiscard]] double value() const { return a.value - b.value; }
  [[nodiscard]] const std::string& reason() const { return a.reason.empty() ? b.reason : a.reason; }
};

/// The splits as they part the rows of one half. Those that leave a side empty are left out: the
/// half's own split does.
HalfSplits within(const HalfSplits& splits, const std::vector<int32_t>& rows) {
  HalfSplits inner;
  for (const auto& sides : splits.half) {
    std::vector<uint8_t> half;
    for (const int32_t row : rows) half.push_back(sides[static_cast<size_t>(row)]);
    const auto ones = std::ranges::count(half, 1);
    if (ones > 0 && ones < std::ssize(half)) inner.half.push_back(std::move(half));
  }
  return inner;
}

}  // namespace

PairedComparison paired_comparison(const kernels::Context& context, const MetricSpec& metric,
                                   const HalvedModel& a, const HalvedModel& b, const HalvedModel& c,
                                   const HalfSplits& splits) {
  expect(splits.count() >= 2, "a paired comparison needs at least 2 half-splits; there are {}",
         splits.count());
  PairedComparison out;
  for (const HalvedModel* side : {&a, &b, &c})
    if (out.reason.empty() && side->graphs != nullptr) out.reason = side->graphs->reason;
  const int k = neighbors_needed(metric);
  const int64_t smallest = smallest_half(splits);
  if (out.reason.empty() && smallest < kLeastRowsPerNeighbor * k)
    out.reason = fmt::format("a half of {} rows; a paired comparison with k = {} needs {} a half",
                             smallest, k, kLeastRowsPerNeighbor * k);
  if (!out.reason.empty()) return out;
  const auto compare = [&](const ModelInput& x, const ModelInput& y, const ModelInput& z,
                           const HalfSplits& queries) {
    const kernels::Context inner{context.backend, 1};
    return Difference{score_against(inner, metric, x, z, queries),
                      score_against(inner, metric, y, z, queries)};
  };
  const Difference whole = compare(*a.whole, *b.whole, *c.whole, splits);
  out.reason = whole.reason();
  out.value_a = whole.a.value;
  out.value_b = whole.b.value;
  out.difference = whole.value();
  if (!out.reason.empty()) return out;

  std::vector<Difference> halves(2 * splits.half.size());
  kernels::parallel_for(context, std::ssize(halves), 1, [&](int64_t begin, int64_t end) {
    for (auto h = static_cast<size_t>(begin); h < static_cast<size_t>(end); ++h) {
      throw_if_cancelled();
      const std::vector<int32_t> rows = splits.rows(h);
      halves[h] = compare(HalfSide(a, rows, h, k).input(), HalfSide(b, rows, h, k).input(),
                          HalfSide(c, rows, h, k).input(), within(splits, rows));
    }
  });
  for (const Difference& half : halves) {
    if (half.reason().empty()) continue;
    out.reason = "inside a half: " + half.reason();
    return out;
  }
  for (const Difference& half : halves) out.half_differences.push_back(half.value());
  const Interval interval = interval_around(out.difference, half_split_sd(out.half_differences),
                                            fmt::format("half-splits({})", splits.count()));
  out.sd = interval.sd;
  out.lo = interval.lo;
  out.hi = interval.hi;
  out.interval = interval.label;
  out.p =
      out.difference == 0 ? 1 : std::erfc(std::abs(out.difference) / out.sd / std::numbers::sqrt2);
  return out;
}

}  // namespace consilience::engine
