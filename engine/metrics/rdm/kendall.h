#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace consilience::engine {

/// Kendall's tau-a against one vector y [m] whose order is kept: (concordant - discordant) /
/// (m (m - 1) / 2), a pair tied on either side counting 0. O(m log m) a vector (Knight 1966).
class KendallAgainst {
 public:
  explicit KendallAgainst(std::span<const double> y);
  [[nodiscard]] double tau_a(std::span<const double> x) const;

 private:
  std::vector<int32_t> order_;       // of y, ascending
  std::vector<int32_t> group_ends_;  // where groups of equal y end in it
};

}  // namespace consilience::engine
