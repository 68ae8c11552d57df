#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/ops/condition.h"

namespace consilience::kernels {

/// The indices of keys, the lowest key first, equal ones by index.
using OrderOfKeys = std::function<std::vector<int32_t>(std::span<const uint64_t>)>;
[[nodiscard]] std::vector<int32_t> order_of_keys(std::span<const uint64_t> keys);

/// The rows of a gallery with equal ones of one group taken together: duplicates are normal, and
/// equal rows have equal scores.
class DistinctRows {
 public:
  /// `group` [n], or empty: all are of one.
  DistinctRows(const Context& context, const Conditioned& gallery, std::span<const int32_t> group,
               const OrderOfKeys& order);

  /// One gallery row of each kind, ascending.
  [[nodiscard]] const std::vector<int32_t>& rows() const { return rows_; }
  [[nodiscard]] int64_t size() const { return std::ssize(rows_); }
  [[nodiscard]] int32_t kind_of(int64_t row) const { return kind_[static_cast<size_t>(row)]; }
  /// All gallery rows of kind u, ascending.
  [[nodiscard]] std::span<const int32_t> members(int64_t u) const {
    const auto at = static_cast<size_t>(u);
    return {members_.data() + begin_[at], begin_[at + 1] - begin_[at]};
  }

 private:
  std::vector<int32_t> rows_;
  std::vector<int32_t> kind_;  // [n]
  std::vector<size_t> begin_;  // [size() + 1]
  std::vector<int32_t> members_;
};

}  // namespace consilience::kernels
