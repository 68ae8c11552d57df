#include "engine/metrics/kernel/minibatch.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/linalg/linalg.h"
#include "engine/metrics/kernel/layer_reasons.h"
#include "engine/metrics/kernel/layer_rows.h"
#include "engine/metrics/kernel/u_centre.h"
#include "kernels/base/parallel.h"

#include <fmt/format.h>

namespace consilience::engine {
namespace {

constexpr int64_t kFewest = 4;       // rows of a batch: HSIC_1 divides by n - 3
constexpr double kRounding = 1e-26;  // what rounding leaves of squared energy

struct Side {
  std::vector<std::string> why;
  std::vector<int64_t> layers;  // usable ones
  std::vector<LayerRows> rows;  // of these
};

struct State {
  kernels::Context context;
  Side a, b;
  int64_t rows_a, rows_b;  // layers of the grid
  int64_t n, batch;
};

Side side_of(const kernels::Context& context, const ModelInput& model) {
  Side side;
  for (const auto& layer : model.layers) {
    std::string why = layer.reason;
    if (why.empty() && model.rows < kFewest)
      why = fmt::format("{} rows; a debiased estimate needs at least {}", model.rows, kFewest);
    if (why.empty()) {
      LayerRows rows(context, *layer.features, RowForm::centred);
      why = rows.reason();
      if (why.empty()) side.rows.push_back(std::move(rows));
    }
    side.why.push_back(std::move(why));
  }
  side.layers = usable_layers(side.why);
  return side;
}

/// [layers, batch * batch]: U-centred kernels of the rows `which`.
Matrix<double> batch_kernels(const kernels::Context& context, const Side& side,
                             std::span<const int32_t> which) {
  const auto m = std::ssize(which);
  Matrix<double> all(std::ssize(side.rows), m * m);
  const kernels::Context one{context.backend, 1};
  kernels::parallel_for(context, all.rows(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; ++l) {
      const Matrix<double> x = side.rows[static_cast<size_t>(l)].gather(which);
      Matrix<double> k =
          linalg::product(one, x.view(), linalg::Op::none, x.view(), linalg::Op::transpose);
      u_centre(k);
      std::ranges::copy(k.values(), all.row(l).begin());
    }
  });
  return all;
}

void add_squares(const Matrix<double>& kernels, std::vector<double>& self) {
  for (int64_t l = 0; l < kernels.rows(); ++l)
    for (const double v : kernels.row(l)) self[static_cast<size_t>(l)] += v * v;
}

/// Sums over batches of HSIC_1 up to one factor, which the ratio does not see.
struct BatchSums {
  Matrix<double> products;  // [usable of a, usable of b]
  std::vector<double> self_a, self_b;
};

BatchSums batch_sums(const State& state, std::span<const int32_t> relabelling) {
  const std::vector<int32_t> identity = rows_in_place({}, state.n);
  const std::vector<int32_t> place = rows_in_place(relabelling, state.n);
  BatchSums sums{Matrix<double>(std::ssize(state.a.rows), std::ssize(state.b.rows)),
                 std::vector<double>(state.a.rows.size()),
                 std::vector<double>(state.b.rows.size())};
  const auto m = static_cast<size_t>(state.batch);
  for (int64_t begin = 0; begin + state.batch <= state.n; begin += state.batch) {
    const auto from = static_cast<size_t>(begin);
    const Matrix<double> a =
        batch_kernels(state.context, state.a, std::span(place).subspan(from, m));
    const Matrix<double> b =
        batch_kernels(state.context, state.b, std::span(identity).subspan(from, m));
    add_squares(a, sums.self_a);
    add_squares(b, sums.self_b);
    const Matrix<double> part =
        linalg::product(state.context, a.view(), linalg::Op::none, b.view(), linalg::Op::transpose);
    for (size_t c = 0; c < part.values().size(); ++c) sums.products.values()[c] += part.values()[c];
  }
  return sums;
}

Matrix<double> values(const State& state, const std::vector<std::string>& reasons,
                      std::span<const int32_t> relabelling) {
  BatchSums sums = batch_sums(state, relabelling);
  Matrix<double>& scores = sums.products;
  for (int64_t i = 0; i < scores.rows(); ++i)
    for (int64_t j = 0; j < scores.cols(); ++j)
      scores(i, j) /= std::sqrt(sums.self_a[static_cast<size_t>(i)]) *
                      std::sqrt(sums.self_b[static_cast<size_t>(j)]);
  return spread(scores, state.a.layers, state.b.layers, reasons, state.rows_a, state.rows_b);
}

/// A layer may vary over all rows and yet not within any batch.
void refuse_flat_batches(const std::vector<double>& self, Side& side) {
  for (size_t l = 0; l < self.size(); ++l) {
    double energy = 0;
    for (const double norm : side.rows[l].squared_norms()) energy += norm;
    if (!(self[l] > kRounding * energy * energy))
      side.why[static_cast<size_t>(side.layers[l])] =
          "its rows do not differ within any batch, so there is no scale to divide by";
  }
}

}  // namespace

PreparedGrid prepare_cka_linear_minibatch(const kernels::Context& context, const MetricSpec& metric,
                                          const ModelInput& a, const ModelInput& b) {
  const int64_t batch = std::min(a.rows, static_cast<int64_t>(metric.number("batch")));
  const auto state =
      std::make_shared<State>(State{context, side_of(context, a), side_of(context, b),
                                    std::ssize(a.layers), std::ssize(b.layers), a.rows, batch});
  (void)grid_with_reasons(a, b, state->a.why, state->b.why);  // before the work: same rows
  const BatchSums sums = batch_sums(*state, {});
  refuse_flat_batches(sums.self_a, state->a);
  refuse_flat_batches(sums.self_b, state->b);
  PreparedGrid grid = grid_with_reasons(a, b, state->a.why, state->b.why);
  grid.parallel_inside = true;
  grid.values = [state, reasons = grid.reasons](std::span<const int32_t> relabelling) {
    return values(*state, reasons, relabelling);
  };
  if (const int64_t left_out = a.rows % batch; left_out > 0)
    grid.remarks.push_back(fmt::format(
        "the last {} of {} rows fill no batch of {} and are left out", left_out, a.rows, batch));
  return grid;
}

}  // namespace consilience::engine
