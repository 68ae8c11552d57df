#pragma once
#include <bit>
#include <cstdint>
#include <vector>

namespace consilience::testing {

/// For comparisons in which -0 is not 0 and a NaN equals itself.
inline std::vector<uint64_t> bits(const std::vector<double>& values) {
  std::vector<uint64_t> result;
  for (const double value : values) result.push_back(std::bit_cast<uint64_t>(value));
  return result;
}

}  // namespace consilience::testing
