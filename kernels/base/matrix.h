#pragma once
#include <vector>

#include "kernels/base/matrix_view.h"

namespace consilience {

/// Owns a row-major [rows, cols] matrix; zero-filled.
template <typename T>
class Matrix {
 public:
  Matrix() = default;
  Matrix(int64_t rows, int64_t cols, T value = T{})
      : values_(static_cast<size_t>(rows * cols), value), rows_(rows), cols_(cols) {}

  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t cols() const { return cols_; }
  [[nodiscard]] MatrixView<T> view() { return {values_.data(), rows_, cols_}; }
  [[nodiscard]] MatrixView<const T> view() const { return {values_.data(), rows_, cols_}; }
  [[nodiscard]] std::span<T> row(int64_t i) { return view().row(i); }
  [[nodiscard]] std::span<const T> row(int64_t i) const { return view().row(i); }
  [[nodiscard]] T& operator()(int64_t i, int64_t j) { return view()(i, j); }
  [[nodiscard]] const T& operator()(int64_t i, int64_t j) const { return view()(i, j); }
  [[nodiscard]] std::vector<T>& values() { return values_; }
  [[nodiscard]] const std::vector<T>& values() const { return values_; }

 private:
  std::vector<T> values_;
  int64_t rows_ = 0;
  int64_t cols_ = 0;
};

}  // namespace consilience
