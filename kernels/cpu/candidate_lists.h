#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/base/candidate_belief.h"
#include "kernels/cpu/panels.h"

namespace consilience::kernels::cpu {

/// The columns that may be among the k + 1 best of every row: those whose upper end reaches a
/// threshold that is believed to lie below the (k+1)-th best score (docs/numerics.md). Belief is
/// cheaper than proof, which comes once the candidates are ranked. A fixed room per row; rows share
/// no state, so threads may work on different ones.
class CandidateLists {
 public:
  /// Both have their errors set and outlive the lists; they are one and the same where the queries
  /// are the gallery.
  CandidateLists(const Panels& rows, const Panels& columns, int k);

  /// What the filter of a tile compares with, in units of the row's scale. [padded rows]
  [[nodiscard]] const float* scaled_thresholds() const { return scaled_threshold_.data(); }

  /// Takes column j for row p, whose product is y, when the row has met at most `seen` columns.
  /// Returns false when the row is full of what could not be told apart: then rank and clear it.
  [[nodiscard]] bool push(int64_t p, int64_t j, float y, int64_t seen) {
    const auto at = static_cast<size_t>(p);
    const auto from = static_cast<size_t>(j);
    const float scale = rows_.scale[at] * columns_.scale[from];
    const float error = scale * (rows_.error[at] + columns_.error[from]) * kRoundingRoom;
    const float upper = y * scale + columns_.offset[from];
    const int64_t place = p * stride_ + count_[at]++;
    upper_[static_cast<size_t>(place)] = upper + error;
    believed_[static_cast<size_t>(place)] = upper - (error * width_ + columns_.slack[from]);
    column_[static_cast<size_t>(place)] = static_cast<int32_t>(j);
    return count_[at] < limit_[at] || compact(p, seen);
  }
  void prefetch(int64_t p) const {
    const int64_t place = p * stride_ + count_[static_cast<size_t>(p)];
    __builtin_prefetch(upper_.get() + place, 1);
    __builtin_prefetch(believed_.get() + place, 1);
    __builtin_prefetch(column_.get() + place, 1);
  }

  /// Raises the threshold by what is there and lets go of what falls below; false where the row
  /// stays too full.
  bool compact(int64_t p, int64_t seen);

  /// How many of the candidates cannot be told from the best `rank` of them.
  [[nodiscard]] int64_t near_best(int64_t p, int64_t rank) const;

  /// Forgets the row's candidates, which have been ranked.
  void clear(int64_t p) { count_[static_cast<size_t>(p)] = 0; }

  /// The (k+1)-th best exact score so far (in the units of the residuals, less the row's level) is
  /// `value`.
  void raise_threshold(int64_t p, double value);
  /// Whether every column that was let go is surely worse than the (k+1)-th best, whose exact score
  /// is `value`.
  [[nodiscard]] bool proven(int64_t p, double value) const {
    const auto at = static_cast<size_t>(p);
    return proves(threshold_[at], value, rows_.own[at]);
  }

  /// This row has to be found in another way: it takes no more columns.
  void give_up(int64_t p);
  [[nodiscard]] bool given_up(int64_t p) const { return given_up_[static_cast<size_t>(p)] != 0; }

  [[nodiscard]] std::span<const int32_t> columns(int64_t p) const {
    return {column_.get() + p * stride_, static_cast<size_t>(count_[static_cast<size_t>(p)])};
  }

 private:
  void set_threshold(int64_t p, float value);

  const Panels& rows_;
  const Panels& columns_;
  int64_t keep_;  // k + 1
  float width_;   // how far below its middle a score is believed to lie, in errors of its pair
  int64_t room_;
  int64_t stride_;                     // room and a vector that may be written over
  std::unique_ptr<float[]> upper_;     // [rows, stride] the score is at most this
  std::unique_ptr<float[]> believed_;  // [rows, stride] and believed to be at least this
  std::unique_ptr<int32_t[]> column_;  // [rows, stride]
  std::vector<int32_t> count_;
  std::vector<int32_t> limit_;  // when to compact next
  std::vector<float> threshold_;
  std::vector<float> scaled_threshold_;
  std::vector<uint8_t> given_up_;
};

}  // namespace consilience::kernels::cpu
