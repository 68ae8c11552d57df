#include <algorithm>
#include <cmath>

#include "engine/inference/jackknife.h"
#include "engine/inference/query_bootstrap.h"
#include "engine/metrics/score_pair.h"
#include "engine/tasks/selftest.h"
#include "engine/tasks/selftest_laws.h"
#include "engine/tasks/selftest_model.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace consilience::engine::selftest {
namespace {

const kernels::Context kOneThread{kernels::Backend::cpu, 1};

struct Size {
  int64_t n;
  int draws, trials, splits;
};

constexpr Size kFull{512, 2000, 2000, 100};
constexpr Size kBrief{128, 300, 100, 100};
constexpr int kFewSplits = 25;

struct Trial {
  double score = 0;
  // Of the first trials only:
  Interval half_splits, few_half_splits, jackknife, query_bootstrap;
};

std::vector<double> half_values_of(const Model& a, const Model& b, const PairScore& score,
                                   const HalfSplits& splits) {
  const HalfGraphs halves_a = a.halves(splits);
  const HalfGraphs halves_b = b.halves(splits);
  PairInference inference;
  half_split_interval(kOneThread, {&a.input(), &halves_a}, {&b.input(), &halves_b}, splits, score,
                      inference);
  expect(inference.interval_reason.empty(), "selftest: no interval: {}", inference.interval_reason);
  return inference.half_values;
}

Interval around(double value, std::span<const double> half_values) {
  const double margin = half_split_margin(half_values);
  return {half_split_sd(half_values), value - margin, value + margin, "", ""};
}

Trial one_trial(View view, const Size& size, uint64_t seed, uint32_t trial) {
  auto [x, y] = two_views(view, size.n, seed, trial);
  const Model a("a", {std::move(x)});
  const Model b("b", {std::move(y)});
  const MetricSpec metric = mutual_knn(kNeighbors);
  const PreparedGrid grid = prepare_metric(kOneThread, metric, a.input(), b.input());
  const PairScore score = score_pair(metric, a.input(), b.input(), grid, "");
  Trial out{score.maximum, {}, {}, {}, {}};
  if (trial >= static_cast<uint32_t>(size.trials)) return out;
  const HalfSplits splits = draw_half_splits(seed + trial, size.splits, size.n);
  const std::vector<double> halves = half_values_of(a, b, score, splits);
  const std::span<const double> few = std::span(halves).first(2 * kFewSplits);
  out.half_splits = around(score.maximum, halves);
  out.few_half_splits = around(score.maximum, few);
  out.jackknife = jackknife(kOneThread, a.input(), b.input(), score);
  out.query_bootstrap = query_bootstrap(score.per_sample);
  for (const Interval* interval : {&out.jackknife, &out.query_bootstrap})
    expect(interval->reason.empty(), "selftest: no interval: {}", interval->reason);
  return out;
}

CoverageRow row_of(const char* interval, Interval Trial::*field, const std::vector<Trial>& trials,
                   const CoverageRow& common) {
  CoverageRow row = common;
  row.interval = interval;
  for (int t = 0; t < row.trials; ++t) {
    const Interval& drawn = trials[static_cast<size_t>(t)].*field;
    const bool holds = drawn.lo <= row.truth && row.truth <= drawn.hi;
    row.coverage += (holds ? 1.0 : 0.0) / row.trials;
    row.width += (drawn.hi - drawn.lo) / row.trials;
  }
  return row;
}

std::vector<CoverageRow> rows_of(View view, const std::vector<Trial>& trials, const Size& size,
                                 bool brief) {
  CoverageRow common;
  common.data = name_of(view);
  common.n = size.n;
  common.draws = size.draws;
  common.trials = size.trials;
  for (const Trial& trial : trials) common.truth += trial.score / size.draws;
  double squares = 0;
  for (const Trial& trial : trials)
    squares += (trial.score - common.truth) * (trial.score - common.truth);
  common.true_width = 2 * 1.96 * std::sqrt(squares / (size.draws - 1));
  constexpr double kLeast = 0.93;  // of the whole table; few trials are given their binomial bound
  CoverageRow judged = common;
  judged.least =
      brief ? static_cast<double>(binomial_bounds(size.trials, kLeast).fewest) / size.trials
            : kLeast;
  judged.widest = 1.6;
  return {row_of("half-splits(25)", &Trial::few_half_splits, trials, judged),
          row_of("half-splits(100)", &Trial::half_splits, trials, judged),
          row_of("jackknife", &Trial::jackknife, trials, common),
          row_of("query bootstrap", &Trial::query_bootstrap, trials, common)};
}

}  // namespace

bool CoverageRow::good() const {
  return least == 0 || (coverage >= least && width <= widest * true_width);
}

std::vector<CoverageRow> coverage_table(const kernels::Context& context, const Request& request) {
  const Size& size = request.brief ? kBrief : kFull;
  std::vector<CoverageRow> table;
  for (const View view : {View::isotropic, View::clustered, View::hubby}) {
    std::vector<Trial> trials(static_cast<size_t>(size.draws));
    kernels::parallel_for(context, size.draws, 1, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; ++t)
        trials[static_cast<size_t>(t)] =
            one_trial(view, size, request.seed, static_cast<uint32_t>(t));
    });
    std::ranges::copy(rows_of(view, trials, size, request.brief), std::back_inserter(table));
  }
  return table;
}

}  // namespace consilience::engine::selftest
