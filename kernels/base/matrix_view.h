#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace consilience {

/// Non-owning view of a row-major matrix: [rows, cols], rows `stride` elements apart.
template <typename T>
class MatrixView {
 public:
  MatrixView() = default;
  MatrixView(T* data, int64_t rows, int64_t cols) : MatrixView(data, rows, cols, cols) {}
  MatrixView(T* data, int64_t rows, int64_t cols, int64_t stride)
      : data_(data), rows_(rows), cols_(cols), stride_(stride) {}

  /// A view of mutable elements is also a view of const ones.
  template <typename U>
  requires(!std::is_const_v<U> && std::is_same_v<const U, T>)
      MatrixView(MatrixView<U> other)  // NOLINT(google-explicit-constructor)
      : MatrixView(other.data(), other.rows(), other.cols(), other.stride()) {}

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t cols() const { return cols_; }
  [[nodiscard]] int64_t stride() const { return stride_; }
  [[nodiscard]] bool empty() const { return rows_ == 0 || cols_ == 0; }

  [[nodiscard]] std::span<T> row(int64_t i) const {
    return {data_ + i * stride_, static_cast<size_t>(cols_)};
  }
  [[nodiscard]] T& operator()(int64_t i, int64_t j) const { return data_[i * stride_ + j]; }

  /// Rows [begin, end) of this view.
  [[nodiscard]] MatrixView slice(int64_t begin, int64_t end) const {
    return {data_ + begin * stride_, end - begin, cols_, stride_};
  }

 private:
  T* data_ = nullptr;
  int64_t rows_ = 0;
  int64_t cols_ = 0;
  int64_t stride_ = 0;
};

}  // namespace consilience
