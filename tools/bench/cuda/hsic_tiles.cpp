#include "kernels/ops/hsic_tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/bench/cuda/checked.h"
#include "tools/bench/made_rows.h"

namespace consilience::bench {
namespace {

using kernels::PairEntry;

struct Shape {
  int64_t side;  // rows and columns of the tile
  int64_t d;
  int64_t layers;  // of each of two sides

  [[nodiscard]] double flop() const {  // of the entries, and of their products
    const auto pairs = static_cast<double>(side * side);
    return pairs * static_cast<double>(2 * layers * (2 * d) + 2 * layers * layers);
  }
};

std::vector<double> numbers(const kernels::TileSums& sums) {
  std::vector<double> all = sums.squares;
  for (const auto* part : {&sums.products, &sums.row_sums, &sums.column_sums}) {
    all.insert(all.end(), part->values().begin(), part->values().end());
  }
  return all;
}

bool near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  return std::ranges::equal(
      a, b, [=](double one, double other) { return std::abs(one - other) <= tolerance; });
}

void sums(benchmark::State& state, const Shape& shape, PairEntry entry) {
  std::vector<Matrix<double>> rows;
  for (int64_t layer = 0; layer < 2 * shape.layers; ++layer) {
    const auto made =
        make_rows(kCpu, "isotropic", 2 * shape.side, shape.d, static_cast<uint64_t>(layer) + 1);
    rows.emplace_back(made.rows(), made.cols());
    std::ranges::copy(made.values(), rows.back().values().begin());
  }
  std::vector<kernels::TileLayer> layers;
  for (const auto& x : rows) {
    layers.push_back({x.view().slice(0, shape.side),
                      x.view().slice(shape.side, 2 * shape.side),
                      {.entry = entry, .sigma = 1}});
  }
  const auto op = [&](const kernels::Context& context) {
    return numbers(kernels::hsic_tiles(context, layers, shape.layers, false));
  };
  if (entry == PairEntry::rbf) {
    const auto pairs = static_cast<double>(shape.side * shape.side);
    if (!near(op(kCuda), op(kCpu), 2 * kernels::kExpUlps * 0x1p-52 * pairs)) {
      return refuse(state, "the sums are not the cpu backend's, within what exp may differ");
    }
    for ([[maybe_unused]] const auto step : state) benchmark::DoNotOptimize(op(kCuda));
  } else {
    time_checked(state, op);
  }
  state.counters["TFLOP/s"] = a_second(1e-12 * shape.flop());
}

}  // namespace

void add_hsic_tiles(Scale scale) {
  const Shape shape = scale == Scale::full ? Shape{1024, 768, 12} : Shape{20, 9, 2};
  for (const auto& [name, entry] :
       {std::pair{"dot", PairEntry::dot}, std::pair{"rbf", PairEntry::rbf}}) {
    add(fmt::format("hsic_tiles/{}/side:{}/d:{}/layers:{}+{}", name, shape.side, shape.d,
                    shape.layers, shape.layers),
        [=, entry = entry](benchmark::State& state) { sums(state, shape, entry); });
  }
}

}  // namespace consilience::bench
