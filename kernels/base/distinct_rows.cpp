#include "kernels/base/distinct_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <string_view>

#include "kernels/base/parallel.h"

namespace consilience::kernels {
namespace {

std::string_view bytes_of(const Conditioned& gallery, int32_t i) {
  const auto row = gallery.x.row(i);
  return {reinterpret_cast<const char*>(row.data()), row.size_bytes()};
}

/// Eight chains, so that they overlap: a row is read as fast as it comes.
uint64_t hash_of(std::span<const float> row) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  constexpr size_t kChains = 8;
  uint64_t chain[kChains] = {1, 2, 3, 4, 5, 6, 7, 8};
  size_t f = 0;
  for (; f + 2 * kChains <= row.size(); f += 2 * kChains) {
    uint64_t values[kChains];
    std::memcpy(values, row.data() + f, sizeof values);
    for (size_t c = 0; c < kChains; ++c) {
      chain[c] = (chain[c] ^ values[c]) * kOdd;
      chain[c] ^= chain[c] >> 32;
    }
  }
  for (; f < row.size(); ++f) chain[0] = (chain[0] ^ std::bit_cast<uint32_t>(row[f])) * kOdd;
  uint64_t hash = 0;
  for (const uint64_t value : chain) hash = (hash ^ value ^ value >> 29) * kOdd;
  return hash;
}

/// Which rows are one: the same bytes, scale and group.
struct Sameness {
  const Conditioned& gallery;
  std::span<const int32_t> group;

  [[nodiscard]] double scale(int32_t i) const {
    return gallery.scale.empty() ? 1.0 : gallery.scale[static_cast<size_t>(i)];
  }
  [[nodiscard]] int32_t group_of(int32_t i) const {
    return group.empty() ? 0 : group[static_cast<size_t>(i)];
  }
  [[nodiscard]] bool operator()(int32_t i, int32_t j) const {
    return scale(i) == scale(j) && group_of(i) == group_of(j) &&
           bytes_of(gallery, i) == bytes_of(gallery, j);
  }
};

/// first[i]: the lowest row that is one with row i.
std::vector<int32_t> first_equal(const Context& context, const Sameness& same,
                                 const OrderOfKeys& order_of) {
  const int64_t rows = same.gallery.x.rows();
  const auto n = static_cast<size_t>(rows);
  std::vector<uint64_t> hash(n);
  parallel_for(context, rows, 256, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto group = static_cast<uint64_t>(same.group_of(static_cast<int32_t>(i)));
      hash[static_cast<size_t>(i)] = hash_of(same.gallery.x.row(i)) + group;
    }
  });
  const std::vector<int32_t> order = order_of(hash);
  const auto key = [&](int32_t i) { return hash[static_cast<size_t>(i)]; };

  std::vector<int32_t> first(n);
  std::vector<int32_t> kinds;  // different rows of one hash
  for (size_t at = 0; at < n; ++at) {
    const int32_t i = order[at];
    if (at == 0 || key(i) != key(order[at - 1])) kinds.clear();
    const auto known =
        std::find_if(kinds.begin(), kinds.end(), [&](int32_t j) { return same(i, j); });
    first[static_cast<size_t>(i)] = known == kinds.end() ? i : *known;
    if (known == kinds.end()) kinds.push_back(i);
  }
  return first;
}

}  // namespace

std::vector<int32_t> order_of_keys(std::span<const uint64_t> keys) {
  std::vector<int32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  const auto key = [&](int32_t i) { return keys[static_cast<size_t>(i)]; };
  std::sort(order.begin(), order.end(),
            [&](int32_t a, int32_t b) { return key(a) != key(b) ? key(a) < key(b) : a < b; });
  return order;
}

DistinctRows::DistinctRows(const Context& context, const Conditioned& gallery,
                           std::span<const int32_t> group, const OrderOfKeys& order) {
  const std::vector<int32_t> first = first_equal(context, {gallery, group}, order);
  kind_.resize(first.size());
  std::vector<size_t> count;
  for (size_t i = 0; i < first.size(); ++i) {
    const auto lowest = static_cast<size_t>(first[i]);
    if (lowest == i) {
      kind_[i] = static_cast<int32_t>(rows_.size());
      rows_.push_back(first[i]);
      count.push_back(0);
    }
    kind_[i] = kind_[lowest];
    ++count[static_cast<size_t>(kind_[i])];
  }
  begin_.assign(rows_.size() + 1, 0);
  std::partial_sum(count.begin(), count.end(), begin_.begin() + 1);
  members_.resize(first.size());
  std::vector<size_t> next(begin_.begin(), begin_.end() - 1);
  for (size_t i = 0; i < first.size(); ++i) {
    members_[next[static_cast<size_t>(kind_[i])]++] = static_cast<int32_t>(i);
  }
}

}  // namespace consilience::kernels
