#include "engine/inference/jackknife.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "engine/base/cancel.h"
#include "engine/inference/half_side.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

/// The rows that are taken out together.
std::vector<std::vector<int32_t>> deletions(const ModelInput& model) {
  std::vector<std::vector<int32_t>> rows;
  std::map<int32_t, size_t> place;
  for (int32_t i = 0; i < model.rows; ++i) {
    const int32_t id = model.groups.empty() ? i : model.groups[static_cast<size_t>(i)];
    const auto [found, fresh] = place.try_emplace(id, rows.size());
    if (fresh) rows.emplace_back();
    rows[found->second].push_back(i);
  }
  return rows;
}

ModelInput one_layer(const ModelInput& model, int64_t layer) {
  ModelInput one = model;
  one.layers = {model.layers[static_cast<size_t>(layer)]};
  return one;
}

/// What is left without some rows.
struct Rest {
  std::vector<int32_t> rows;      // ascending
  std::vector<int32_t> position;  // [n] place among them, -1: taken out
};

Rest without(const std::vector<int32_t>& deleted, int64_t n) {
  Rest rest;
  rest.position.assign(static_cast<size_t>(n), 0);
  for (const int32_t row : deleted) rest.position[static_cast<size_t>(row)] = -1;
  for (int32_t i = 0; i < n; ++i) {
    int32_t& position = rest.position[static_cast<size_t>(i)];
    if (position < 0) continue;
    position = static_cast<int32_t>(rest.rows.size());
    rest.rows.push_back(i);
  }
  return rest;
}

/// The first k neighbours that are left, by place; nothing when a row has fewer.
HalfGraphs lists_of(const Rest& rest, const NeighborGraph& graph, int k) {
  Matrix<int32_t> lists(std::ssize(rest.rows), k);
  for (int64_t r = 0; r < lists.rows(); ++r) {
    int found = 0;
    for (const int32_t j : graph.index.row(rest.rows[static_cast<size_t>(r)])) {
      if (found == k) break;
      const int32_t place = rest.position[static_cast<size_t>(j)];
      if (place >= 0) lists(r, found++) = place;
    }
    if (found < k) return {};
  }
  HalfGraphs graphs;
  graphs.lists.resize(1);
  graphs.lists[0].push_back(std::move(lists));
  return graphs;
}

struct Deletion {
  double value = kUnknown;
  std::string reason;
};

Deletion delete_rows(const std::vector<int32_t>& deleted, const ModelInput& a, const ModelInput& b,
                     const MetricSpec& metric, int k) {
  const Rest rest = without(deleted, a.rows);
  const HalfGraphs graphs_a = lists_of(rest, *a.layers[0].graph, k);
  const HalfGraphs graphs_b = lists_of(rest, *b.layers[0].graph, k);
  if (graphs_a.lists.empty() || graphs_b.lists.empty())
    return {kUnknown,
            fmt::format("the jackknife needs stored lists longer than k = {}: without sample {} a "
                        "row has fewer",
                        k, deleted.front())};
  const HalfSide side_a({&a, &graphs_a}, rest.rows, 0, k);
  const HalfSide side_b({&b, &graphs_b}, rest.rows, 0, k);
  const PreparedGrid grid =
      prepare_metric({kernels::Backend::cpu, 1}, metric, side_a.input(), side_b.input());
  return {grid.values({})(0, 0), grid.reasons[0]};
}

}  // namespace

Interval jackknife(const kernels::Context& context, const ModelInput& a, const ModelInput& b,
                   const PairScore& score) {
  Interval none;
  none.reason = score.reason;
  if (none.reason.empty() && metric_info(score.metric.name).needs != Needs::graphs)
    none.reason = "the jackknife is made for metrics that read neighbour graphs alone";
  if (!none.reason.empty()) return none;
  const ModelInput best_a = one_layer(a, score.best_a);
  const ModelInput best_b = one_layer(b, score.best_b);
  const int k = neighbors_needed(score.metric);
  const auto units = deletions(a);
  std::vector<Deletion> values(units.size());
  kernels::parallel_for(context, std::ssize(units), 16, [&](int64_t begin, int64_t end) {
    for (auto u = static_cast<size_t>(begin); u < static_cast<size_t>(end); ++u) {
      throw_if_cancelled();
      values[u] = delete_rows(units[u], best_a, best_b, score.metric, k);
    }
  });
  for (const Deletion& deletion : values) {
    none.reason = deletion.reason;
    if (!none.reason.empty()) return none;
  }
  const auto count = static_cast<double>(values.size());
  double mean = 0;
  for (const Deletion& deletion : values) mean += deletion.value / count;
  double squares = 0;
  for (const Deletion& deletion : values)
    squares += (deletion.value - mean) * (deletion.value - mean);
  return interval_around(score.maximum, std::sqrt((count - 1) / count * squares),
                         "jackknife (conservative)");
}

}  // namespace consilience::engine
