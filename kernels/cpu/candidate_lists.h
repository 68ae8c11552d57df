#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace consilience::kernels::cpu {

/// A gallery row that may be among the nearest: its score less and plus the bound.
struct Candidate {
  float low;
  float high;
  int32_t row;
};

/// The candidates of some queries, in a fixed room per query (numerics, section 3): whatever is
/// surely below the (k+1)-th best is let go. Queries do not share state, so threads may work on
/// different ones.
class CandidateLists {
 public:
  CandidateLists(int64_t queries, int k)
      : keep_(static_cast<size_t>(k) + 1),
        room_(room(k)),
        rows_(static_cast<size_t>(queries) * room_),
        count_(static_cast<size_t>(queries)),
        threshold_(static_cast<size_t>(queries), -kInfinity) {}

  /// Candidates that a query has room for.
  static size_t room(int k) { return 4 * (static_cast<size_t>(k) + 1) + 128; }

  /// Rows with high below it are not wanted. +infinity: none are.
  [[nodiscard]] const float* threshold(int64_t query) const {
    return threshold_.data() + static_cast<size_t>(query);
  }

  void push(int64_t query, const Candidate& candidate) {
    const auto at = static_cast<size_t>(query);
    if (!(candidate.high >= threshold_[at])) return;
    rows_[at * room_ + count_[at]++] = candidate;
    if (count_[at] < room_) return;
    compact(at);
    if (count_[at] > room_ - room_ / 4) give_up(query);
  }

  /// This query is to be redone in double.
  void give_up(int64_t query) {
    const auto at = static_cast<size_t>(query);
    threshold_[at] = kInfinity;
    count_[at] = 0;
  }
  [[nodiscard]] bool given_up(int64_t query) const { return *threshold(query) == kInfinity; }

  /// What is left of a query.
  std::span<const Candidate> finish(int64_t query) {
    const auto at = static_cast<size_t>(query);
    compact(at);
    return {rows_.data() + at * room_, count_[at]};
  }

 private:
  static constexpr float kInfinity = std::numeric_limits<float>::infinity();

  void compact(size_t at) {
    if (count_[at] < keep_) return;
    Candidate* first = rows_.data() + at * room_;
    Candidate* last = first + count_[at];
    Candidate* worst = first + keep_ - 1;
    std::ranges::nth_element(first, worst, last, std::greater<>{}, &Candidate::low);
    threshold_[at] = std::max(threshold_[at], worst->low);
    const float threshold = threshold_[at];
    last = std::remove_if(first, last, [=](const Candidate& c) { return c.high < threshold; });
    count_[at] = static_cast<size_t>(last - first);
  }

  size_t keep_;
  size_t room_;
  std::vector<Candidate> rows_;  // [queries, room]
  std::vector<size_t> count_;
  std::vector<float> threshold_;
};

}  // namespace consilience::kernels::cpu
