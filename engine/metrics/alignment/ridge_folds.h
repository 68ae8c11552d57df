#pragma once
#include <vector>

#include "engine/linalg/linalg.h"

namespace consilience::engine {

inline constexpr int kFolds = 5;

/// Rows [begin, end) of n that are held out in this fold: contiguous, the first n mod 5 folds one
/// row longer.
struct FoldRows {
  int64_t begin, end;
};
[[nodiscard]] FoldRows fold_rows(int64_t n, int fold);

/// A ridge regression with an unpenalised intercept, factored once for a predictor and a fold: the
/// held-out rows are predicted as the mean of the training targets + left (right' targets).
struct RidgeFold {
  Matrix<double> left;   // [held out, r], or [held out, training] with an empty right
  Matrix<double> right;  // [training, r]

  /// Predictions [held out, m] minus the mean of the training targets [training, m].
  [[nodiscard]] Matrix<double> predict(const linalg::Context& context,
                                       MatrixView<const double> targets) const;
};

/// All folds of a predictor x [n, d], uncentred. From the singular values of each centred training
/// block, so nothing is lost to squaring. Empty where alpha = 0 and the columns are dependent: no
/// regression is the only best one.
[[nodiscard]] std::vector<RidgeFold> factor_ridge(const linalg::Context& context,
                                                  const Matrix<double>& x, double alpha);

/// Every row but the held-out ones.
[[nodiscard]] Matrix<double> training_rows(MatrixView<const double> x, FoldRows held_out);

}  // namespace consilience::engine
