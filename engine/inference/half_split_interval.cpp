#include <algorithm>
#include <cmath>

#include "engine/base/cancel.h"
#include "engine/inference/half_side.h"
#include "engine/inference/student.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

struct HalfScore {
  double maximum = kUnknown;
  std::string reason;
};

}  // namespace

double half_split_sd(std::span<const double> half_values) {
  double sum = 0;
  for (size_t h = 0; h + 1 < half_values.size(); h += 2) {
    const double difference = half_values[h] - half_values[h + 1];
    sum += difference * difference / 4;
  }
  return std::sqrt(sum / (static_cast<double>(half_values.size()) / 2));
}

double half_split_margin(std::span<const double> half_values) {
  return student_quantile_975(static_cast<int>(half_values.size() / 2)) *
         half_split_sd(half_values);
}

void half_split_interval(const kernels::Context& context, const HalvedModel& a,
                         const HalvedModel& b, const HalfSplits& splits, const PairScore& score,
                         PairInference& out) {
  out.interval_reason = score.reason;
  // Halves keep the order of neighbours, not their distances, and dimension changes with n.
  if (out.interval_reason.empty() && metric_info(score.metric.name).spaces == 1)
    out.interval_reason = "half-splits are made for pairs of spaces";
  for (const HalvedModel* side : {&a, &b})
    if (out.interval_reason.empty() && side->graphs != nullptr)
      out.interval_reason = side->graphs->reason;
  if (!out.interval_reason.empty()) return;
  const int k = neighbors_needed(score.metric);
  const bool graphs_alone = metric_info(score.metric.name).needs == Needs::graphs;
  const kernels::Context inner{context.backend, graphs_alone ? 1 : context.threads};
  const kernels::Context outer{context.backend, graphs_alone ? context.threads : 1};
  std::vector<HalfScore> halves(2 * splits.half.size());
  kernels::parallel_for(outer, std::ssize(halves), 1, [&](int64_t begin, int64_t end) {
    for (auto h = static_cast<size_t>(begin); h < static_cast<size_t>(end); ++h) {
      throw_if_cancelled();
      const std::vector<int32_t> rows = splits.rows(h);
      const HalfSide side_a(a, rows, h, k);
      const HalfSide side_b(b, rows, h, k);
      const PreparedGrid grid = prepare_metric(inner, score.metric, side_a.input(), side_b.input());
      const PairScore half = score_maximum(score.metric, side_a.input(), side_b.input(), grid, "");
      halves[h] = {half.maximum, half.reason};
    }
  });
  for (const HalfScore& half : halves) {
    if (half.reason.empty()) continue;
    out.interval_reason = "inside a half: " + half.reason;
    return;
  }
  for (const HalfScore& half : halves) out.half_values.push_back(half.maximum);
  out.sd = half_split_sd(out.half_values);
  const double margin = half_split_margin(out.half_values);
  out.lo = score.maximum - margin;
  out.hi = score.maximum + margin;
  out.interval = fmt::format("half-splits({})", splits.half.size());
}

}  // namespace consilience::engine
