#pragma once
#include <cstdint>
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

/// Where rows come from.
struct RowSource {
  const Side& side;
  std::span<const double> scales;  // of the side's rows; empty: all 1
  const ResidualFrame& frame;
  std::span<const int32_t> rows;  // of the side

  [[nodiscard]] double scale(int32_t i) const {
    return scales.empty() ? 1.0 : scales[static_cast<size_t>(i)];
  }
};

/// Some rows, ready for tiles: panels of tile_columns() rows, word by word, the last one filled up
/// with rows that are never chosen; and what bounds their scores.
class Panels {
 public:
  Panels(Arithmetic arithmetic, int64_t rows, int64_t d);

  [[nodiscard]] Arithmetic arithmetic() const { return arithmetic_; }
  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t features() const { return d_; }
  [[nodiscard]] int64_t words() const { return words_; }

  /// Packs rows [begin, end), whole panels, into `words` [panels, words(), columns]; row p is
  /// `from.rows[p]` of its side. The first time keeps what bounds them, later ones find it as it
  /// is.
  void pack(const RowSource& from, int64_t begin, int64_t end, uint32_t* words);
  void pack_again(const RowSource& from, int64_t begin, int64_t end, uint32_t* words) const;

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
  /// What one row is packed with.
  struct Packed {
    bool usable = false;
    float scale = 1;
    int32_t bias = 0;
    double lost = 0;  // |r - r^|
    Residual residual;
  };
  struct Room {
    std::vector<float> row;
    std::vector<uint32_t> integers;
  };
  template <typename Keep>
  void pack_each(const RowSource& from, int64_t begin, int64_t end, uint32_t* words,
                 const Keep& keep_row) const;
  Packed pack_row(const RowSource& from, int64_t p, Room& room, uint32_t* words) const;
  void keep(int64_t p, const Packed& packed, Similarity similarity);

  Arithmetic arithmetic_;
  int64_t rows_;
  int64_t d_;
  int64_t words_;
  Rotation rotation_;
  std::vector<ScaledNorms> norms_;
  std::vector<uint8_t> usable_;
};

}  // namespace consilience::kernels::cpu
