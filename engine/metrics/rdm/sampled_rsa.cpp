#include "engine/metrics/rdm/sampled_rsa.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/linalg/linalg.h"
#include "engine/metrics/kernel/layer_reasons.h"
#include "engine/metrics/kernel/lower_triangles.h"
#include "engine/metrics/rdm/kendall.h"
#include "engine/metrics/rdm/sampled_pairs.h"
#include "kernels/base/parallel.h"

#include <fmt/format.h>

namespace consilience::engine {
namespace {

constexpr int64_t kBatches = 32;  // of the sample, whose scores tell the standard error

struct State {
  kernels::Context context;
  RdmSides sides;
  RowPairs pairs;
  Comparison comparison;
  int64_t n;
};

void make_all_comparable(const kernels::Context& context, Comparison comparison,
                         Matrix<double>& entries, std::vector<std::string>& why) {
  kernels::parallel_for(context, entries.rows(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t l = begin; l < end; ++l)
      why[static_cast<size_t>(l)] = make_comparable(comparison, entries.row(l));
  });
}

/// [A, B] of entries that were made comparable.
Matrix<double> compare(const kernels::Context& context, Comparison comparison,
                       const Matrix<double>& a, const Matrix<double>& b) {
  if (comparison != Comparison::kendall)
    return linalg::product(context, a.view(), linalg::Op::none, b.view(), linalg::Op::transpose);
  Matrix<double> grid(a.rows(), b.rows());
  for (int64_t j = 0; j < b.rows(); ++j) {
    const KendallAgainst against(b.row(j));
    kernels::parallel_for(context, a.rows(), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) grid(i, j) = against.tau_a(a.row(i));
    });
  }
  return grid;
}

/// Scores of each batch of the sample tell its standard error, whatever the comparison: the largest
/// over the grid.
double standard_error(const kernels::Context& context, Comparison comparison,
                      const Matrix<double>& a, const Matrix<double>& b) {
  const int64_t size = a.cols() / kBatches;
  Matrix<double> sum(a.rows(), b.rows());
  Matrix<double> squares(a.rows(), b.rows());
  const auto batch_of = [&](const Matrix<double>& all, int64_t batch) {
    Matrix<double> part(all.rows(), size);
    for (int64_t l = 0; l < all.rows(); ++l)
      std::copy_n(all.row(l).begin() + batch * size, size, part.row(l).begin());
    std::vector<std::string> ignored(static_cast<size_t>(all.rows()));
    make_all_comparable(context, comparison, part, ignored);
    return part;
  };
  for (int64_t batch = 0; batch < kBatches; ++batch) {
    const Matrix<double> scores =
        compare(context, comparison, batch_of(a, batch), batch_of(b, batch));
    for (size_t c = 0; c < scores.values().size(); ++c) {
      sum.values()[c] += scores.values()[c];
      squares.values()[c] += scores.values()[c] * scores.values()[c];
    }
  }
  double largest = 0;
  for (size_t c = 0; c < sum.values().size(); ++c) {
    const double mean = sum.values()[c] / kBatches;
    largest = std::max(largest, squares.values()[c] / kBatches - mean * mean);
  }
  return std::sqrt(largest / (kBatches - 1));
}

std::vector<std::string> set_reasons(const std::vector<int64_t>& layers,
                                     const std::vector<std::string>& why,
                                     std::vector<std::string> all) {
  for (size_t l = 0; l < layers.size(); ++l) all[static_cast<size_t>(layers[l])] = why[l];
  return all;
}

}  // namespace

PreparedGrid sampled_grid(const kernels::Context& context, const ModelInput& a, const ModelInput& b,
                          RdmSides sides, Comparison comparison, int64_t count) {
  const std::vector<int64_t> layers_a = usable_layers(sides.why_a);
  const std::vector<int64_t> layers_b = usable_layers(sides.why_b);
  const auto state = std::make_shared<State>(
      State{context, std::move(sides), sample_pairs(a.rows, count), comparison, a.rows});
  const std::vector<int32_t> identity = rows_in_place({}, a.rows);
  Matrix<double> left = sampled_entries(context, state->sides.a, state->pairs, identity);
  auto right = std::make_shared<Matrix<double>>(
      sampled_entries(context, state->sides.b, state->pairs, identity));
  const double error = standard_error(context, comparison, left, *right);
  std::vector<std::string> why_a(layers_a.size());
  std::vector<std::string> why_b(layers_b.size());
  make_all_comparable(context, comparison, left, why_a);
  make_all_comparable(context, comparison, *right, why_b);
  PreparedGrid grid = grid_with_reasons(a, b, set_reasons(layers_a, why_a, state->sides.why_a),
                                        set_reasons(layers_b, why_b, state->sides.why_b));
  grid.parallel_inside = true;
  grid.values = [=, reasons = grid.reasons, rows = std::ssize(a.layers),
                 cols = std::ssize(b.layers)](std::span<const int32_t> relabelling) {
    const std::vector<int32_t> place = rows_in_place(relabelling, state->n);
    Matrix<double> moved = sampled_entries(state->context, state->sides.a, state->pairs, place);
    std::vector<std::string> why(layers_a.size());
    make_all_comparable(state->context, state->comparison, moved, why);
    return spread(compare(state->context, state->comparison, moved, *right), layers_a, layers_b,
                  reasons, rows, cols);
  };
  grid.remarks.push_back(fmt::format(
      "{} of {} pairs, sampled with replacement: that alone has a standard error of at most {:.2g}",
      count, triangle_row(a.rows), error));
  return grid;
}

}  // namespace consilience::engine
