#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/base/matrix_view.h"

namespace consilience::kernels {

/// Neighbour lists [n, K >= k] of one layer; only the first k columns count. Entries 0 .. n-1,
/// distinct within a row.
using ListView = MatrixView<const int32_t>;

/// Throws Error(never) if k < 1, `lists` is not [rows, >= k], or an entry of its first k columns is
/// not in 0 .. rows-1. The message names `layer` of `side` ("the first side").
void check_lists(ListView lists, int64_t rows, int k, size_t layer, std::string_view side);

/// The first k neighbours of every layer of one side, checked, and packed row by row: what is read
/// again under every permutation lies together. n x layers x k entries of 4 bytes.
class PackedLists {
 public:
  PackedLists() = default;
  /// All of `layers` have n rows. Throws as check_lists.
  PackedLists(std::span<const ListView> layers, int k, std::string_view side);

  [[nodiscard]] int64_t rows() const { return rows_; }  // n
  [[nodiscard]] int64_t layers() const { return layers_; }
  [[nodiscard]] int k() const { return static_cast<int>(k_); }

  /// The lists of row i, one layer after the other: [layers, k].
  [[nodiscard]] const int32_t* row(int64_t i) const { return entries_.data() + i * layers_ * k_; }
  [[nodiscard]] std::span<const int32_t> list(int64_t layer, int64_t i) const {
    return {row(i) + layer * k_, static_cast<size_t>(k_)};
  }

 private:
  int64_t rows_ = 0;
  int64_t layers_ = 0;
  int64_t k_ = 0;
  std::vector<int32_t> entries_;
};

}  // namespace consilience::kernels
