#pragma once
#include <cstdint>
#include <vector>

namespace consilience::engine {

/// A way in which the 2 r indices of a product K_ij K_kl .. of r entries coincide: a partition of
/// them into `blocks` different values. The sum over all indices that coincide in just this way is
/// sum_s weights[s] * (sum s below), for a symmetric matrix whose rows add up to 0.
struct EdgePattern {
  int blocks = 0;
  std::vector<double> weights;
};

/// Sums that do not vanish when indices are free. An index that occurs once adds up to 0, so of all
/// graphs of r edges those without a vertex of degree 1 are left.
/// r = 2: sum K_ii^2; (sum K_ii)^2; sum K_ij^2.
inline constexpr int kSecondOrderSums = 3;
/// r = 3: sum K_ii^3; sum K_ii sum K_jj^2; sum K_ii K_ij K_jj; sum K_ii K_ij^2; sum K_ij^3;
/// (sum K_ii)^3; sum K_ii sum K_jl^2; sum K_ij K_jl K_li.
inline constexpr int kThirdOrderSums = 8;

[[nodiscard]] const std::vector<EdgePattern>& second_order_patterns();  // 15
[[nodiscard]] const std::vector<EdgePattern>& third_order_patterns();   // 203

/// E over relabellings of n values of (sum_ij K_ij L(r_i, r_j))^r, from the sums of either matrix.
[[nodiscard]] double expected_product(int64_t n, const std::vector<EdgePattern>& patterns,
                                      const std::vector<double>& sums_k,
                                      const std::vector<double>& sums_l);

}  // namespace consilience::engine
