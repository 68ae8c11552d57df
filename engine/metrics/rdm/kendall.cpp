#include "engine/metrics/rdm/kendall.h"

#include <algorithm>
#include <numeric>

namespace consilience::engine {
namespace {

int64_t pairs_of(int64_t count) { return count * (count - 1) / 2; }

/// Pairs of equal neighbours in an ordered span.
int64_t tied_pairs(std::span<const double> ordered) {
  int64_t pairs = 0;
  for (size_t begin = 0; begin < ordered.size();) {
    size_t end = begin + 1;
    while (end < ordered.size() && ordered[end] == ordered[begin]) ++end;
    pairs += pairs_of(static_cast<int64_t>(end - begin));
    begin = end;
  }
  return pairs;
}

/// Sorts by merging and counts pairs that stood in the wrong order.
int64_t sort_counting_inversions(std::vector<double>& values) {
  std::vector<double> merged(values.size());
  int64_t inversions = 0;
  for (size_t width = 1; width < values.size(); width *= 2) {
    for (size_t begin = 0; begin < values.size(); begin += 2 * width) {
      const size_t middle = std::min(begin + width, values.size());
      const size_t end = std::min(begin + 2 * width, values.size());
      size_t left = begin;
      size_t right = middle;
      for (size_t to = begin; to < end; ++to) {
        const bool from_left = right == end || (left < middle && values[left] <= values[right]);
        if (!from_left) inversions += static_cast<int64_t>(middle - left);
        merged[to] = from_left ? values[left++] : values[right++];
      }
    }
    values.swap(merged);
  }
  return inversions;
}

}  // namespace

KendallAgainst::KendallAgainst(std::span<const double> y) : order_(y.size()) {
  std::iota(order_.begin(), order_.end(), 0);
  const auto value = [&](int32_t i) { return y[static_cast<size_t>(i)]; };
  std::ranges::sort(order_, {}, value);
  for (size_t i = 1; i <= order_.size(); ++i)
    if (i == order_.size() || value(order_[i]) != value(order_[i - 1]))
      group_ends_.push_back(static_cast<int32_t>(i));
}

double KendallAgainst::tau_a(std::span<const double> x) const {
  std::vector<double> values(x.size());
  for (size_t i = 0; i < x.size(); ++i) values[i] = x[static_cast<size_t>(order_[i])];
  int64_t tied_y = 0;
  int64_t tied_both = 0;
  auto begin = values.begin();
  for (const int32_t group_end : group_ends_) {
    const auto end = values.begin() + group_end;
    std::sort(begin, end);
    tied_y += pairs_of(end - begin);
    tied_both += tied_pairs({begin, end});
    begin = end;
  }
  const int64_t discordant = sort_counting_inversions(values);
  const int64_t tied_x = tied_pairs(values);
  const int64_t all = pairs_of(std::ssize(x));
  return static_cast<double>(all - tied_x - tied_y + tied_both - 2 * discordant) /
         static_cast<double>(all);
}

}  // namespace consilience::engine
