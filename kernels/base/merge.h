#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

/// The order of neighbours, in one place: the better score first, equal scores by the lower index.
namespace consilience::kernels {

/// `merit` is larger for nearer rows: the score itself, or minus the squared distance.
struct Ranked {
  double merit;
  int32_t index;
};

inline constexpr auto ranks_before = [](const Ranked& a, const Ranked& b) {
  return a.merit > b.merit || (a.merit == b.merit && a.index < b.index);
};

/// Keeps the best k + 1 of any number of rows, pushed in any order, in O(k) memory, and counts the
/// rows left out that tie with the worst one kept.
class BestRows {
 public:
  explicit BestRows(int k) : keep_(static_cast<size_t>(k) + 1) {
    rows_.reserve(static_cast<size_t>(capacity(k)));
  }

  /// Rows that it holds at most.
  static int64_t capacity(int k) { return 2 * (int64_t{k} + 1) + 64; }

  void clear() {
    rows_.clear();
    worst_ = kNone;
    dropped_ties_ = 0;
  }

  void push(Ranked row) {
    if (row.merit < worst_) return;
    rows_.push_back(row);
    if (rows_.size() == rows_.capacity()) shrink();
  }

  /// The merit of the (k+1)-th best row so far; minus infinity before there are so many.
  [[nodiscard]] double cutoff() {
    shrink();
    if (rows_.size() < keep_) return kNone;
    return std::min_element(rows_.begin(), rows_.end(), worse)->merit;
  }

  /// The best rows, at most k + 1, in order. Call once all are pushed.
  std::span<const Ranked> finish() {
    if (rows_.size() > 2 * keep_) shrink();
    std::sort(rows_.begin(), rows_.end(), ranks_before);
    drop_beyond();
    return rows_;
  }

  /// After finish(): how many rows beyond the first k have exactly the k-th merit.
  [[nodiscard]] int32_t ties() const {
    if (rows_.size() < keep_ || rows_[keep_ - 2].merit != rows_[keep_ - 1].merit) return 0;
    return 1 + dropped_ties_;
  }

 private:
  static constexpr auto worse = [](const Ranked& a, const Ranked& b) { return a.merit < b.merit; };
  static constexpr double kNone = -std::numeric_limits<double>::infinity();

  void shrink() {
    if (rows_.size() <= keep_) return;
    const auto last = rows_.begin() + static_cast<std::ptrdiff_t>(keep_) - 1;
    std::nth_element(rows_.begin(), last, rows_.end(), ranks_before);
    drop_beyond();
  }

  /// Lets go of all but the first k + 1, which are the best.
  void drop_beyond() {
    if (rows_.size() <= keep_) return;
    const double last = rows_[keep_ - 1].merit;
    if (last > worst_) {  // what was dropped before is worse than this
      worst_ = last;
      dropped_ties_ = 0;
    }
    for (size_t r = keep_; r < rows_.size(); ++r) dropped_ties_ += rows_[r].merit == worst_;
    rows_.resize(keep_);
  }

  size_t keep_;
  std::vector<Ranked> rows_;
  double worst_ = kNone;  // merit of the (k+1)-th best when rows were last dropped
  int32_t dropped_ties_ = 0;
};

}  // namespace consilience::kernels
