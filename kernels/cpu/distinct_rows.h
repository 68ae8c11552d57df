#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/ops/condition.h"

namespace consilience::kernels::cpu {

/// The rows of a gallery with equal ones taken together: duplicates are normal, and equal rows have
/// equal scores.
class DistinctRows {
 public:
  DistinctRows(const Context& context, const Conditioned& gallery);

  /// One gallery row of each kind, ascending.
  [[nodiscard]] const std::vector<int32_t>& rows() const { return rows_; }
  [[nodiscard]] int64_t size() const { return std::ssize(rows_); }
  /// All gallery rows of kind u, ascending.
  [[nodiscard]] std::span<const int32_t> members(int64_t u) const {
    const auto at = static_cast<size_t>(u);
    return {members_.data() + begin_[at], begin_[at + 1] - begin_[at]};
  }

 private:
  std::vector<int32_t> rows_;
  std::vector<size_t> begin_;  // [size() + 1]
  std::vector<int32_t> members_;
};

}  // namespace consilience::kernels::cpu
