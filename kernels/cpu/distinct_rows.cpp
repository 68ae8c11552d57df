#include "kernels/cpu/distinct_rows.h"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "kernels/base/parallel.h"

namespace consilience::kernels::cpu {
namespace {

std::string_view bytes_of(const Conditioned& gallery, int32_t i) {
  const auto row = gallery.x.row(i);
  return {reinterpret_cast<const char*>(row.data()), row.size_bytes()};
}

bool equal_rows(const Conditioned& gallery, int32_t i, int32_t j) {
  const auto scale = [&](int32_t row) {
    return gallery.scale.empty() ? 1.0 : gallery.scale[static_cast<size_t>(row)];
  };
  return scale(i) == scale(j) && bytes_of(gallery, i) == bytes_of(gallery, j);
}

/// first[i]: the lowest row equal to row i.
std::vector<int32_t> first_equal(const Context& context, const Conditioned& gallery) {
  const auto n = static_cast<size_t>(gallery.x.rows());
  std::vector<size_t> hash(n);
  parallel_for(context, gallery.x.rows(), 256, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const std::string_view bytes = bytes_of(gallery, static_cast<int32_t>(i));
      hash[static_cast<size_t>(i)] = std::hash<std::string_view>()(bytes);
    }
  });
  std::vector<int32_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  const auto hash_of = [&](int32_t i) { return hash[static_cast<size_t>(i)]; };
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return hash_of(a) != hash_of(b) ? hash_of(a) < hash_of(b) : a < b;
  });

  std::vector<int32_t> first(n);
  std::vector<int32_t> kinds;  // different rows of one hash
  for (size_t at = 0; at < n; ++at) {
    const int32_t i = order[at];
    if (at == 0 || hash_of(i) != hash_of(order[at - 1])) kinds.clear();
    const auto same = std::find_if(kinds.begin(), kinds.end(),
                                   [&](int32_t j) { return equal_rows(gallery, i, j); });
    first[static_cast<size_t>(i)] = same == kinds.end() ? i : *same;
    if (same == kinds.end()) kinds.push_back(i);
  }
  return first;
}

}  // namespace

DistinctRows::DistinctRows(const Context& context, const Conditioned& gallery) {
  const std::vector<int32_t> first = first_equal(context, gallery);
  std::vector<size_t> kind(first.size());
  std::vector<size_t> count;
  for (size_t i = 0; i < first.size(); ++i) {
    const auto lowest = static_cast<size_t>(first[i]);
    if (lowest == i) {
      kind[i] = rows_.size();
      rows_.push_back(first[i]);
      count.push_back(0);
    }
    kind[i] = kind[lowest];
    ++count[kind[i]];
  }
  begin_.assign(rows_.size() + 1, 0);
  std::partial_sum(count.begin(), count.end(), begin_.begin() + 1);
  members_.resize(first.size());
  std::vector<size_t> next(begin_.begin(), begin_.end() - 1);
  for (size_t i = 0; i < first.size(); ++i) {
    members_[next[kind[i]]++] = static_cast<int32_t>(i);
  }
}

}  // namespace consilience::kernels::cpu
