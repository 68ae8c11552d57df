#include <fmt/format.h>

#include <algorithm>

#include "kernels/base/error.h"
#include "tools/bench/cuda/checked.h"
#include "tools/bench/graph_search.h"
#include "tools/bench/made_rows.h"

namespace consilience::bench {
namespace {

constexpr int64_t kMostChecked = 200;                // rows of a search,
constexpr int64_t kCheckedProducts = 4'000'000'000;  // and features of pairs: the reference is slow
constexpr int kSearches = 5;                         // timed, after one that is checked
constexpr int kRounds = 3;                           // of what a search is held against

struct Shape {
  const char* data;
  int64_t n;
  int64_t d;
  int k;
};

constexpr Shape kShapes[] = {
    {"isotropic", 10'000, 768, 10},   {"isotropic", 10'000, 768, 100},
    {"isotropic", 50'000, 384, 10},   {"isotropic", 50'000, 768, 10},
    {"isotropic", 50'000, 768, 100},  {"anisotropic", 50'000, 768, 10},
    {"clusters", 50'000, 768, 10},    {"isotropic", 100'000, 1024, 10},
    {"isotropic", 100'000, 4096, 10}, {"isotropic", 500'000, 384, 10},
};
constexpr Shape kSmallShapes[] = {
    {"isotropic", 300, 24, 5}, {"isotropic", 150, 24, 20}, {"clusters", 300, 24, 5}};

void count(benchmark::State& state, GraphSearch& search, const Shape& shape,
           const kernels::NeighborWork& work, double seconds) {
  const auto n = static_cast<double>(shape.n);
  auto& counters = state.counters;
  counters["naive_TFLOP/s"] = 2e-12 * n * n * static_cast<double>(shape.d) / seconds;
  counters["survivors_per_row"] = static_cast<double>(work.candidates) / n;
  counters["redone_rows"] = static_cast<double>(work.redone);
  counters["upload_ms"] = 1e3 * search.upload_seconds(kRounds);
  if (work.arithmetic == "double") return;  // no products
  const ProductsAlone products = search.products_alone(work.arithmetic, kRounds);
  counters["executed_TFLOP/s"] = 1e-12 * products.flop / seconds;
  counters["products_TFLOP/s"] = 1e-12 * products.flop / products.seconds;
  counters["share_of_products"] = products.seconds / seconds;
}

void search_rows(benchmark::State& state, const Shape& shape) {
  const Matrix<float> rows = make_rows(kCpu, shape.data, shape.n, shape.d, 1);
  GraphSearch search(kCuda, rows, shape.k, true, kernels::Similarity::dot);
  DeviceMemoryPeak peak(kCuda);
  kernels::NeighborWork work = search.run_timed().work;
  state.counters["device_GB"] = 1e-9 * static_cast<double>(peak.bytes());
  const int64_t checked =
      std::clamp<int64_t>(kCheckedProducts / (shape.n * shape.d), 10, kMostChecked);
  state.counters["checked_rows"] = static_cast<double>(checked);
  try {
    search.check(sampled_rows(checked, shape.n, 1));
  } catch (const Error& error) {
    return refuse(state, error.what());
  }
  double seconds = 0;
  for ([[maybe_unused]] const auto step : state) {
    const TimedSearch timed = search.run_timed();
    seconds += timed.seconds;
    work = timed.work;
  }
  state.SetLabel(std::string(work.arithmetic));
  count(state, search, shape, work, seconds / static_cast<double>(state.iterations()));
}

}  // namespace

void add_neighbors(Scale scale) {
  const auto shapes = scale == Scale::full ? std::span<const Shape>(kShapes) : kSmallShapes;
  for (const Shape& shape : shapes) {
    add(fmt::format("neighbors/{}/n:{}/d:{}/k:{}", shape.data, shape.n, shape.d, shape.k),
        [shape](benchmark::State& state) { search_rows(state, shape); })
        ->Iterations(kSearches);
  }
}

}  // namespace consilience::bench
