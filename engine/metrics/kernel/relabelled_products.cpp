#include "engine/metrics/kernel/relabelled_products.h"

#include <algorithm>

#include "engine/linalg/linalg.h"
#include "engine/metrics/kernel/lower_triangles.h"
#include "engine/metrics/prepared_grid.h"

namespace consilience::engine {
namespace {

constexpr int64_t kSegmentPairs = 8192;  // gathered at a time: stays in the cache

}  // namespace

RelabelledProducts::RelabelledProducts(int64_t n, const Matrix<double>& a, Matrix<double> b)
    : n_(n), triangles_(std::move(b)) {
  for (int64_t l = 0; l < a.rows(); ++l) squares_.push_back(square_of(n, a.row(l)));
}

double RelabelledProducts::bytes(int64_t n, int64_t layers_a, int64_t layers_b) {
  const double square = 8 * static_cast<double>(n) * static_cast<double>(n);
  return square * (static_cast<double>(layers_a) + static_cast<double>(layers_b) / 2);
}

Matrix<double> RelabelledProducts::operator()(const kernels::Context& context,
                                              std::span<const int32_t> relabelling) const {
  const std::vector<int32_t> place = rows_in_place(relabelling, n_);
  const int64_t layers = std::ssize(squares_);
  Matrix<double> sums(layers, triangles_.rows());
  Matrix<double> gathered(layers, std::max(kSegmentPairs, n_) + n_);
  for (int64_t begin = 1; begin < n_;) {
    int64_t end = begin + 1;
    while (end < n_ && triangle_row(end) - triangle_row(begin) < kSegmentPairs) ++end;
    const int64_t first = triangle_row(begin);
    const int64_t pairs = triangle_row(end) - first;
    for (int64_t l = 0; l < layers; ++l) {
      gather_triangle_rows(squares_[static_cast<size_t>(l)], place, begin, end,
                           gathered.row(l).data());
    }
    const MatrixView<const double> left(gathered.values().data(), layers, pairs, gathered.cols());
    const MatrixView<const double> right(triangles_.values().data() + first, triangles_.rows(),
                                         pairs, triangles_.cols());
    const Matrix<double> part =
        linalg::product(context, left, linalg::Op::none, right, linalg::Op::transpose);
    for (size_t c = 0; c < part.values().size(); ++c) sums.values()[c] += part.values()[c];
    begin = end;
  }
  return sums;
}

}  // namespace consilience::engine
