#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/types/features.h"

namespace consilience::engine {

/// Some rows of features, in order.
class SelectedRows : public FeatureView {
 public:
  /// `rows`: ascending, of `whole`.
  SelectedRows(std::unique_ptr<FeatureView> whole, std::vector<int64_t> rows)
      : whole_(std::move(whole)), rows_(std::move(rows)) {}
  [[nodiscard]] int64_t rows() const override { return std::ssize(rows_); }
  [[nodiscard]] const std::vector<FeatureSlot>& slots() const override { return whole_->slots(); }
  void read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const override {
    for (int64_t i = begin; i < end;) {
      const int64_t first = rows_[static_cast<size_t>(i)];
      int64_t run = 1;
      while (i + run < end && rows_[static_cast<size_t>(i + run)] == first + run) ++run;
      whole_->read(slot, first, first + run, out.slice(i - begin, i - begin + run));
      i += run;
    }
  }
  [[nodiscard]] std::string digest() const override;

 private:
  std::unique_ptr<FeatureView> whole_;
  std::vector<int64_t> rows_;
};

/// 0 .. n - 1 without `dropped`. Throws Error(usage) for a row that is not there.
[[nodiscard]] std::vector<int64_t> rows_without(int64_t n, const std::vector<int64_t>& dropped);

}  // namespace consilience::engine
