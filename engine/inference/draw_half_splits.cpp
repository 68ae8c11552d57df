#include <unordered_map>

#include "engine/base/hash.h"
#include "engine/inference/half_splits.h"
#include "kernels/base/error.h"
#include "kernels/base/philox.h"

namespace consilience::engine {
namespace {

/// The rows of each group; without ids every row is a group.
std::vector<std::vector<int32_t>> members(int64_t n, std::span<const int32_t> groups) {
  std::vector<std::vector<int32_t>> rows;
  std::unordered_map<int32_t, size_t> place;
  for (int64_t i = 0; i < n; ++i) {
    const auto row = static_cast<int32_t>(i);
    const int32_t id = groups.empty() ? row : groups[static_cast<size_t>(i)];
    const auto [entry, fresh] = place.try_emplace(id, rows.size());
    if (fresh) rows.emplace_back();
    rows[entry->second].push_back(row);
  }
  return rows;
}

}  // namespace

HalfSplits draw_half_splits(uint64_t seed, int splits, int64_t n, std::span<const int32_t> groups) {
  expect(groups.empty() || static_cast<int64_t>(groups.size()) == n, "{} group ids for {} rows",
         groups.size(), n);
  const auto units = members(n, groups);
  const uint32_t unit = unit_id("half-splits");
  HalfSplits result;
  result.groups.assign(groups.begin(), groups.end());
  for (uint32_t s = 0; s < static_cast<uint32_t>(splits); ++s) {
    const auto order = kernels::permutation(seed, s, kernels::Purpose::split, unit,
                                            static_cast<int64_t>(units.size()));
    std::vector<uint8_t> half(static_cast<size_t>(n), 1);
    int64_t taken = 0;
    for (size_t g = 0; g < order.size() && taken < n / 2; ++g) {
      const auto& rows = units[static_cast<size_t>(order[g])];
      for (const int32_t row : rows) half[static_cast<size_t>(row)] = 0;
      taken += static_cast<int64_t>(rows.size());
    }
    result.half.push_back(std::move(half));
  }
  return result;
}

}  // namespace consilience::engine
