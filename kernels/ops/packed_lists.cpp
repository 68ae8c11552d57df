#include "kernels/ops/packed_lists.h"

#include <algorithm>

#include "kernels/base/error.h"

namespace consilience::kernels {

void check_lists(ListView lists, int64_t rows, int k, size_t layer, std::string_view side) {
  expect(k >= 1, "overlap: k is {}, expected at least 1", k);
  expect(lists.rows() == rows, "overlap: layer {} of {} has {} rows, expected {}", layer, side,
         lists.rows(), rows);
  expect(lists.cols() >= k, "overlap: lists of {} in layer {} of {}, expected at least k = {}",
         lists.cols(), layer, side, k);
  for (int64_t i = 0; i < rows; ++i) {
    const auto list = lists.row(i).first(static_cast<size_t>(k));
    uint32_t largest = 0;  // a negative entry is a large one
    for (const int32_t j : list) largest = std::max(largest, static_cast<uint32_t>(j));
    if (largest < rows) continue;
    const auto bad =
        std::find_if(list.begin(), list.end(), [&](int32_t j) { return j < 0 || j >= rows; });
    fail(Failure::never, "overlap: row {} of layer {} of {} lists {}, expected 0 to {}", i, layer,
         side, *bad, rows - 1);
  }
}

PackedLists::PackedLists(std::span<const ListView> layers, int k, std::string_view side)
    : rows_(layers.empty() ? 0 : layers[0].rows()), layers_(std::ssize(layers)), k_(k) {
  for (size_t layer = 0; layer < layers.size(); ++layer)
    check_lists(layers[layer], rows_, k, layer, side);
  entries_.reserve(static_cast<size_t>(rows_ * layers_ * k_));
  for (int64_t i = 0; i < rows_; ++i) {
    for (const ListView layer : layers) {
      const auto list = layer.row(i).first(static_cast<size_t>(k));
      entries_.insert(entries_.end(), list.begin(), list.end());
    }
  }
}

}  // namespace consilience::kernels
