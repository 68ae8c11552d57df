#include "engine/metrics/neighbours/mutual_knn.h"

#include <cmath>
#include <limits>
#include <memory>

#include "engine/metrics/neighbours/group_metrics.h"
#include "engine/metrics/neighbours/list_filter.h"
#include "engine/metrics/neighbours/permutation_moments.h"
#include "engine/metrics/neighbours/usable_lists.h"

namespace consilience::engine {
namespace {

struct Sides {
  UsableLists a, b;
  int64_t rows_a, rows_b;                   // layers of the whole grid
  std::vector<ListFilter> filters;          // [usable layers of b] where there are few pairs
  kernels::PackedLists packed_a, packed_b;  // where there are more
};

/// Layers are worked on together only where each is used for several layers of the other side.
Sides sides_of(const ModelInput& a, const ModelInput& b, int k) {
  Sides sides{usable_lists(a, k),
              usable_lists(b, k),
              std::ssize(a.layers),
              std::ssize(b.layers),
              {},
              {},
              {}};
  const size_t layers_a = sides.a.lists.size();
  const size_t layers_b = sides.b.lists.size();
  if (layers_a * layers_b <= layers_a + layers_b) {
    for (const auto& lists : sides.b.lists) sides.filters.emplace_back(lists, k);
  } else {
    sides.packed_a = kernels::PackedLists(sides.a.lists, k, "the first side");
    sides.packed_b = kernels::PackedLists(sides.b.lists, k, "the second side");
  }
  return sides;
}

void count_shared(const kernels::Context& context, const Sides& sides,
                  std::span<const int32_t> relabelling, MatrixView<int64_t> counts) {
  if (sides.filters.empty()) {
    kernels::overlap_counts(context, sides.packed_a, sides.packed_b, relabelling, counts);
    return;
  }
  for (int64_t i = 0; i < counts.rows(); ++i)
    for (int64_t j = 0; j < counts.cols(); ++j)
      counts(i, j) = sides.filters[static_cast<size_t>(j)].shared(
          sides.a.lists[static_cast<size_t>(i)], relabelling);
}

Matrix<double> values(const kernels::Context& context, const Sides& sides, int64_t n, int k,
                      std::span<const int32_t> relabelling) {
  Matrix<double> grid(sides.rows_a, sides.rows_b, std::numeric_limits<double>::quiet_NaN());
  if (sides.a.lists.empty() || sides.b.lists.empty()) return grid;
  Matrix<int64_t> counts(std::ssize(sides.a.lists), std::ssize(sides.b.lists));
  count_shared(context, sides, relabelling, counts.view());
  const double all = static_cast<double>(n) * k;
  for (int64_t i = 0; i < counts.rows(); ++i)
    for (int64_t j = 0; j < counts.cols(); ++j)
      grid(sides.a.layer[static_cast<size_t>(i)], sides.b.layer[static_cast<size_t>(j)]) =
          static_cast<double>(counts(i, j)) / all;
  return grid;
}

}  // namespace

PreparedGrid prepare_mutual_knn(const kernels::Context& context, const MetricSpec& metric,
                                const ModelInput& a, const ModelInput& b) {
  if (metric.has("groups") && metric.word("groups") == "merged")
    return prepare_mutual_knn_merged(context, metric, a, b);
  const int k = metric.k();
  PreparedGrid grid = prepare_cells(a, b, lists_reason(a.rows, k), {});
  const auto sides = std::make_shared<const Sides>(sides_of(a, b, k));
  const kernels::Context inner{context.backend, 1};
  const int64_t n = a.rows;
  grid.values = [=](std::span<const int32_t> relabelling) {
    return values(inner, *sides, n, k, relabelling);
  };
  grid.null_moments = [&a, &b, k](int64_t i, int64_t j) -> NullMoments {
    const auto counts = [k](const ModelInput& side, int64_t layer) {
      return graph_counts(side.layers[static_cast<size_t>(layer)].graph->index.view(), k);
    };
    const ListMoments moments = permutation_moments(counts(a, i), counts(b, j));
    return {.mean = moments.mean, .sd = std::sqrt(moments.variance)};
  };
  grid.per_sample = [&a, &b, inner, n, k](int64_t i, int64_t j) {
    std::vector<int32_t> shared(static_cast<size_t>(n));
    const auto lists = [](const ModelInput& side, int64_t layer) {
      return side.layers[static_cast<size_t>(layer)].graph->index.view();
    };
    kernels::overlap_per_row(inner, lists(a, i), lists(b, j), k, shared);
    std::vector<double> scores;
    for (const int32_t count : shared) scores.push_back(static_cast<double>(count) / k);
    return scores;
  };
  if (k < n) grid.chance = static_cast<double>(k) / static_cast<double>(n - 1);
  return grid;
}

}  // namespace consilience::engine
