#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kernels/base/candidate_bound.h"
#include "kernels/cpu/residuals.h"
#include "kernels/cpu/rotation.h"

namespace consilience::kernels::cpu {

/// What candidates are multiplied in. The integers are exact: only rounding a row to them costs.
///   int8   |a| <= 127, four features a 32-bit word
///   int16  |a|_2 <= 46,340, so that no sum of products leaves int32; two features a word
///   f32    one feature a word
enum class Arithmetic { int8, int16, f32 };

[[nodiscard]] const char* name_of(Arithmetic arithmetic);

/// 32-bit words of a row of d features.
[[nodiscard]] int64_t row_words(Arithmetic arithmetic, int64_t d);

/// Some rows, ready for tiles: panels of tile_columns() rows, word by word, the last one filled up
/// with rows that are never chosen; and what bounds their scores.
class Panels {
 public:
  Panels(Arithmetic arithmetic, int64_t rows, int64_t d);

  [[nodiscard]] Arithmetic arithmetic() const { return arithmetic_; }
  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t features() const { return d_; }
  [[nodiscard]] int64_t words() const { return words_; }

  /// Takes row `side_row(p)` for every p of [begin, end), whole panels: what bounds it, and its
  /// words at `words` [panels, words(), columns].
  void pack(const Side& side, std::span<const double> scales, const ResidualFrame& frame,
            const std::function<int64_t(int64_t)>& side_row, int64_t begin, int64_t end,
            uint32_t* words);

  /// Once all rows are packed.
  [[nodiscard]] ScaledNorms largest_norms() const;
  /// `largest`: over every row that will meet these.
  void set_errors(const ScaledNorms& largest);

  /// Whether the row fits the arithmetic. Where not it is never a hit: rank it in double.
  [[nodiscard]] bool usable(int64_t p) const { return usable_[static_cast<size_t>(p)] != 0; }

  // By row, padded to whole panels. In the notation of candidate_bound.h:
  std::vector<float> scale;    // q
  std::vector<float> inverse;  // 1 / q
  std::vector<float> offset;   // a' + slack: the upper end
  std::vector<float> lifted;   // the same over q
  std::vector<float> slack;    // twice slack
  std::vector<float> error;    // h
  std::vector<float> own;      // twice own
  std::vector<int32_t> bias;   // int8: 128 times the sum of a
  std::vector<double> level;   // what s has and t has not

 private:
  Arithmetic arithmetic_;
  int64_t rows_;
  int64_t d_;
  int64_t words_;
  Rotation rotation_;
  std::vector<ScaledNorms> norms_;
  std::vector<uint8_t> usable_;
};

}  // namespace consilience::kernels::cpu
