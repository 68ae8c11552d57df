#include "engine/metrics/rdm/all_pairs.h"

#include <limits>
#include <memory>

#include "engine/metrics/kernel/layer_reasons.h"
#include "engine/metrics/kernel/lower_triangles.h"
#include "engine/metrics/kernel/relabelled_products.h"
#include "engine/metrics/rdm/kendall.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

using Relabelling = std::span<const int32_t>;

/// [usable layers, pairs], made comparable. Layers whose entries are all equal get a reason; their
/// rows stay and are not read.
Matrix<double> comparable_triangles(const kernels::Context& context,
                                    const std::vector<PairwiseLayer>& layers, Comparison comparison,
                                    std::vector<std::string>& why) {
  Matrix<double> triangles = lower_triangles(context, layers, Precision::f64);
  const std::vector<int64_t> usable = usable_layers(why);
  kernels::parallel_for(context, triangles.rows(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; ++l)
      why[static_cast<size_t>(usable[static_cast<size_t>(l)])] =
          make_comparable(comparison, triangles.row(l));
  });
  return triangles;
}

std::function<Matrix<double>(Relabelling)> products_of(const kernels::Context& context, int64_t n,
                                                       const Matrix<double>& a, Matrix<double> b) {
  const kernels::Context one{context.backend, 1};
  return [one, kept = std::make_shared<const RelabelledProducts>(n, a, std::move(b))](
             Relabelling relabelling) { return (*kept)(one, relabelling); };
}

struct Kendall {
  kernels::Context context;
  std::vector<Matrix<double>> squares;  // of side a
  std::vector<KendallAgainst> against;  // of side b
};

Matrix<double> taus(const Kendall& state, int64_t n, Relabelling relabelling) {
  Matrix<double> grid(std::ssize(state.squares), std::ssize(state.against));
  const std::vector<int32_t> place = rows_in_place(relabelling, n);
  kernels::parallel_for(
      state.context, grid.rows() * grid.cols(), 1, [&](int64_t begin, int64_t end) {
        std::vector<double> moved(static_cast<size_t>(triangle_row(n)));
        for (int64_t cell = begin; cell < end; ++cell) {
          const auto i = static_cast<size_t>(cell / grid.cols());
          const auto j = static_cast<size_t>(cell % grid.cols());
          gather_triangle_rows(state.squares[i], place, 0, n, moved.data());
          grid.values()[static_cast<size_t>(cell)] = state.against[j].tau_a(moved);
        }
      });
  return grid;
}

std::function<Matrix<double>(Relabelling)> taus_of(const kernels::Context& context, int64_t n,
                                                   const Matrix<double>& a,
                                                   const Matrix<double>& b) {
  auto state = std::make_shared<Kendall>(Kendall{context, {}, {}});
  for (int64_t l = 0; l < a.rows(); ++l) state->squares.push_back(square_of(n, a.row(l)));
  for (int64_t l = 0; l < b.rows(); ++l) state->against.emplace_back(b.row(l));
  return [state, n](Relabelling relabelling) { return taus(*state, n, relabelling); };
}

}  // namespace

PreparedGrid all_pairs_grid(const kernels::Context& context, const ModelInput& a,
                            const ModelInput& b, RdmSides sides, Comparison comparison) {
  const std::vector<int64_t> layers_a = usable_layers(sides.why_a);
  const std::vector<int64_t> layers_b = usable_layers(sides.why_b);
  const Matrix<double> left = comparable_triangles(context, sides.a, comparison, sides.why_a);
  Matrix<double> right = comparable_triangles(context, sides.b, comparison, sides.why_b);
  PreparedGrid grid = grid_with_reasons(a, b, sides.why_a, sides.why_b);
  grid.parallel_inside = comparison == Comparison::kendall;
  const auto scores = comparison == Comparison::kendall
                          ? taus_of(context, a.rows, left, right)
                          : products_of(context, a.rows, left, std::move(right));
  grid.values = [=, reasons = grid.reasons, rows = std::ssize(a.layers),
                 cols = std::ssize(b.layers)](Relabelling relabelling) {
    return spread(scores(relabelling), layers_a, layers_b, reasons, rows, cols);
  };
  if (comparison != Comparison::cosine) grid.chance = 0;
  return grid;
}

}  // namespace consilience::engine
