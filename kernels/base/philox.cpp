#include "kernels/base/philox.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace consilience::kernels {
namespace {

constexpr uint32_t low(uint64_t x) { return static_cast<uint32_t>(x); }
constexpr uint32_t high(uint64_t x) { return static_cast<uint32_t>(x >> 32); }

}  // namespace

PhiloxBlock philox4x32(PhiloxBlock c, uint64_t key) {
  uint32_t k0 = low(key);
  uint32_t k1 = high(key);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c[0];
    const uint64_t p1 = uint64_t{0xCD9E8D57} * c[2];
    c = {high(p1) ^ c[1] ^ k0, low(p1), high(p0) ^ c[3] ^ k1, low(p0)};
    k0 += 0x9E3779B9;  // golden ratio
    k1 += 0xBB67AE85;  // sqrt(3) - 1
  }
  return c;
}

uint64_t draw(uint64_t seed, uint32_t i, uint32_t p, Purpose purpose, uint32_t unit) {
  const PhiloxBlock block = philox4x32({i, p, static_cast<uint32_t>(purpose), unit}, seed);
  return uint64_t{block[1]} << 32 | block[0];
}

std::vector<int32_t> permutation(uint64_t seed, uint32_t p, Purpose purpose, uint32_t unit,
                                 int64_t n, std::span<const int32_t> block) {
  std::vector<std::tuple<int32_t, uint64_t, int32_t>> keyed(static_cast<size_t>(n));
  for (size_t i = 0; i < keyed.size(); ++i) {
    const auto row = static_cast<uint32_t>(i);
    keyed[i] = {block.empty() ? 0 : block[i], draw(seed, row, p, purpose, unit),
                static_cast<int32_t>(i)};
  }
  // The places of each block, in row order, take the block's rows in the order of their draws.
  std::vector<int32_t> place(keyed.size());
  std::iota(place.begin(), place.end(), 0);
  if (!block.empty()) {
    std::stable_sort(place.begin(), place.end(), [&](int32_t a, int32_t b) {
      return block[static_cast<size_t>(a)] < block[static_cast<size_t>(b)];
    });
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<int32_t> result(keyed.size());
  for (size_t t = 0; t < keyed.size(); ++t) {
    result[static_cast<size_t>(place[t])] = std::get<2>(keyed[t]);
  }
  return result;
}

}  // namespace consilience::kernels
