#include "kernels/ops/overlap.h"

#include <fmt/format.h>

#include <numeric>

#include "kernels/base/matrix.h"
#include "kernels/base/philox.h"
#include "tools/bench/cuda/checked.h"

namespace consilience::bench {
namespace {

using kernels::PackedLists;

/// Lists of distinct rows, all of them equally likely: a random start and a random odd step.
Matrix<int32_t> random_lists(int64_t n, int k, uint32_t layer) {
  Matrix<int32_t> lists(n, k);
  for (int64_t i = 0; i < n; ++i) {
    const auto words = kernels::philox4x32({static_cast<uint32_t>(i), layer, 104, 0}, /*key=*/1);
    const int64_t start = words[0] % n;
    const int64_t step = 1 + words[1] % (n / k);
    for (int64_t c = 0; c < k; ++c) lists(i, c) = static_cast<int32_t>((start + c * step) % n);
  }
  return lists;
}

PackedLists random_side(int64_t n, int64_t layers, int k, uint32_t first) {
  std::vector<Matrix<int32_t>> lists;
  for (uint32_t layer = 0; layer < layers; ++layer) {
    lists.push_back(random_lists(n, k, first + layer));
  }
  std::vector<kernels::ListView> views;
  for (const auto& each : lists) views.push_back(each.view());
  return {views, k, "made"};
}

void grid(benchmark::State& state, int64_t n, int64_t a_layers, int64_t b_layers, bool relabelled) {
  constexpr int kNeighbours = 10;
  const PackedLists a = random_side(n, a_layers, kNeighbours, 0);
  const PackedLists b = random_side(n, b_layers, kNeighbours, static_cast<uint32_t>(a_layers));
  std::vector<int32_t> order;
  if (relabelled) order = kernels::permutation(1, 0, kernels::Purpose::permutation, 0, n);
  time_checked(state, [&](const kernels::Context& context) {
    Matrix<int64_t> counts(a_layers, b_layers);
    kernels::overlap_counts(context, a, b, order, counts.view());
    return std::vector<int64_t>(counts.values().begin(), counts.values().end());
  });
  state.counters["layer_pairs/s"] = a_second(static_cast<double>(a_layers * b_layers));
}

}  // namespace

void add_overlap(Scale scale) {
  struct Grid {
    int64_t n, a, b;
  };
  const std::vector<Grid> grids =
      scale == Scale::full ? std::vector<Grid>{{1024, 12, 12}, {1024, 454, 352}, {20'000, 24, 24}}
                           : std::vector<Grid>{{64, 3, 2}};
  for (const auto& [n, a, b] : grids) {
    for (const bool relabelled : {false, true}) {
      add(fmt::format("overlap_counts{}/n:{}/layers:{}x{}", relabelled ? "_relabelled" : "", n, a,
                      b),
          [=, n = n, a = a, b = b](benchmark::State& state) { grid(state, n, a, b, relabelled); });
    }
  }
}

}  // namespace consilience::bench
