#include "engine/metrics/alignment/ridge_folds.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/metrics/alignment/centred.h"

namespace consilience::engine {
namespace {

using linalg::Op;

/// Up to this many rows a basis direction the product of both factors is smaller and quicker.
constexpr int64_t kRowsADirection = 6;

/// Nothing where alpha = 0 and the columns are dependent.
std::optional<RidgeFold> factor_fold(const linalg::Context& context, const Matrix<double>& x,
                                     FoldRows held_out, double alpha) {
  Matrix<double> training = training_rows(x.view(), held_out);
  const std::vector<double> mean = subtract_column_means(training);
  Matrix<double> test(held_out.end - held_out.begin, x.cols());
  for (int64_t i = 0; i < test.rows(); ++i)
    for (int64_t f = 0; f < x.cols(); ++f)
      test(i, f) = x(held_out.begin + i, f) - mean[static_cast<size_t>(f)];
  linalg::Svd svd = linalg::svd(context, training.view());
  const bool dependent =
      std::ssize(svd.s) < x.cols() || svd.s.back() <= kDirectionTolerance * svd.s.front();
  if (alpha == 0 && dependent) return {};
  for (double& s : svd.s) s = s / (s * s + alpha);
  RidgeFold fold;
  fold.left = columns_times(
      linalg::product(context, test.view(), Op::none, svd.vt.view(), Op::transpose), svd.s);
  fold.right = std::move(svd.u);
  if (x.rows() <= kRowsADirection * fold.right.cols()) {
    fold.left =
        linalg::product(context, fold.left.view(), Op::none, fold.right.view(), Op::transpose);
    fold.right = {};
  }
  return fold;
}

}  // namespace

FoldRows fold_rows(int64_t n, int fold) {
  const int64_t size = n / kFolds;
  const int64_t longer = n % kFolds;
  const int64_t begin = fold * size + std::min<int64_t>(fold, longer);
  return {begin, begin + size + (fold < longer ? 1 : 0)};
}

Matrix<double> training_rows(MatrixView<const double> x, FoldRows held_out) {
  Matrix<double> out(x.rows() - (held_out.end - held_out.begin), x.cols());
  for (int64_t i = 0; i < out.rows(); ++i) {
    const int64_t from = i < held_out.begin ? i : i + (held_out.end - held_out.begin);
    std::ranges::copy(x.row(from), out.row(i).begin());
  }
  return out;
}

Matrix<double> RidgeFold::predict(const linalg::Context& context,
                                  MatrixView<const double> targets) const {
  if (right.cols() == 0) return linalg::product(context, left.view(), Op::none, targets, Op::none);
  const Matrix<double> inner =
      linalg::product(context, right.view(), Op::transpose, targets, Op::none);
  return linalg::product(context, left.view(), Op::none, inner.view(), Op::none);
}

std::vector<RidgeFold> factor_ridge(const linalg::Context& context, const Matrix<double>& x,
                                    double alpha) {
  std::vector<RidgeFold> folds;
  for (int k = 0; k < kFolds; ++k) {
    auto fold = factor_fold(context, x, fold_rows(x.rows(), k), alpha);
    if (!fold) return {};
    folds.push_back(std::move(*fold));
  }
  return folds;
}

}  // namespace consilience::engine
