#include "engine/metrics/neighbours/list_scores.h"

#include <algorithm>
#include <numeric>

namespace consilience::engine {

int64_t shared_rows(const ListPair& lists) {
  return std::ranges::count_if(lists.a, [&](int32_t j) { return lists.place_of(j) > 0; });
}

int64_t longest_common(const ListPair& lists, std::vector<int32_t>& tails) {
  tails.clear();  // tails[l]: the smallest last place of an increasing run of l + 1
  for (const int32_t j : lists.a) {
    const int32_t place = lists.place_of(j);
    if (place == 0) continue;
    const auto at = std::ranges::lower_bound(tails, place);
    if (at == tails.end()) {
      tails.push_back(place);
    } else {
      *at = place;
    }
  }
  return std::ssize(tails);
}

int64_t edit_distance(const ListPair& lists, std::vector<int32_t>& row) {
  if (shared_rows(lists) == 0) return std::ssize(lists.b);  // as nearly always under a relabelling
  row.resize(lists.b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  int32_t above_left = 0;
  for (const int32_t j : lists.a) {
    above_left = row[0]++;
    const auto match = static_cast<size_t>(lists.place_of(j));
    for (size_t c = 1; c < row.size(); ++c) {
      const int32_t replaced = above_left + (c == match ? 0 : 1);
      above_left = row[c];
      row[c] = std::min({replaced, row[c] + 1, row[c - 1] + 1});
    }
  }
  return row.back();
}

double rank_biased_overlap(const ListPair& lists, std::span<const double> weights, double last,
                           std::vector<int32_t>& entering) {
  entering.assign(weights.size(), 0);
  for (size_t c = 0; c < lists.a.size(); ++c) {
    const auto place = static_cast<size_t>(lists.place_of(lists.a[c]));
    if (place > 0) ++entering[std::max(c, place - 1)];
  }
  int64_t shared = 0;
  double sum = 0;
  for (size_t d = 0; d < weights.size(); ++d) {
    shared += entering[d];
    sum += weights[d] * static_cast<double>(shared);
  }
  return sum + last * static_cast<double>(shared);
}

}  // namespace consilience::engine
