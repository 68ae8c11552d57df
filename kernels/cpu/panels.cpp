#include "kernels/cpu/panels.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/cpu/candidate_tile.h"
#include "kernels/cpu/rotation.h"
#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/panels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Rows are whole sixteens.
using Sixteen = hn::CappedTag<float, 16>;

float largest_residual(const float* row, int64_t length) {
  const Sixteen tag;
  auto largest = hn::Zero(tag);
  for (int64_t f = 0; f < length; f += static_cast<int64_t>(hn::Lanes(tag))) {
    largest = hn::Max(largest, hn::Abs(hn::LoadU(tag, row + f)));
  }
  return hn::GetLane(hn::MaxOfLanes(tag, largest));
}

/// a = row / q to the nearest integer, within +-limit; returns the squares of what that loses, and
/// the sum of a in `sum`.
template <typename Integer>
HWY_INLINE float round_row(const float* row, int64_t length, float q, float limit, Integer* a,
                           int32_t& sum) {
  const Sixteen tag;
  const hn::RebindToSigned<Sixteen> integers;
  const hn::Rebind<Integer, Sixteen> narrow;
  const auto inverse = hn::Set(tag, 1 / q);
  auto lost = hn::Zero(tag);
  auto total = hn::Zero(integers);
  for (int64_t f = 0; f < length; f += static_cast<int64_t>(hn::Lanes(tag))) {
    const auto r = hn::LoadU(tag, row + f);
    const auto scaled = hn::Mul(r, inverse);
    const auto cut = hn::Min(hn::Max(scaled, hn::Set(tag, -limit)), hn::Set(tag, limit));
    const auto rounded = hn::NearestInt(cut);
    hn::StoreU(hn::DemoteTo(narrow, rounded), narrow, a + f);
    total = hn::Add(total, rounded);
    const auto gap = hn::NegMulAdd(hn::Set(tag, q), hn::ConvertTo(tag, rounded), r);
    lost = hn::MulAdd(gap, gap, lost);
  }
  sum = hn::GetLane(hn::SumOfLanes(integers, total));
  return hn::GetLane(hn::SumOfLanes(tag, lost));
}

float round_to_bytes(const float* row, int64_t length, float q, float limit, int8_t* a,
                     int32_t& sum) {
  return round_row(row, length, q, limit, a, sum);
}

float round_to_words(const float* row, int64_t length, float q, float limit, int16_t* a,
                     int32_t& sum) {
  return round_row(row, length, q, limit, a, sum);
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(largest_residual);
HWY_EXPORT(round_to_bytes);
HWY_EXPORT(round_to_words);

namespace {

constexpr double kLargestByte = 127;
constexpr double kLargestWord = 32767;
constexpr double kLargestNorm = 46340;    // its square is below 2^31
constexpr double kSumRoom = 1 + 0x1p-12;  // what sums of squares in f32 can lose

int64_t whole_panels(int64_t rows) {
  const int64_t columns = tile_columns();
  return (rows + columns - 1) / columns * columns;
}

}  // namespace

const char* name_of(Arithmetic arithmetic) {
  return arithmetic == Arithmetic::int8 ? "int8"
                                        : (arithmetic == Arithmetic::int16 ? "int16" : "f32");
}

int64_t row_words(Arithmetic arithmetic, int64_t d) {
  if (arithmetic == Arithmetic::f32) return d;
  const int64_t whole = (d + 15) / 16 * 16;
  return arithmetic == Arithmetic::int8 ? whole / 4 : whole / 2;
}

Panels::Panels(Arithmetic arithmetic, int64_t rows, int64_t d)
    : arithmetic_(arithmetic), rows_(rows), d_(d), words_(row_words(arithmetic, d)), rotation_(d) {
  const auto padded = static_cast<size_t>(whole_panels(rows));
  scale.assign(padded, 1.0F);
  inverse = scale;
  offset.assign(padded, kFilled);
  lifted = offset;
  slack.assign(padded, 0.0F);
  error = own = slack;
  bias.assign(padded, 0);
  level.assign(padded, 0.0);
  norms_.resize(padded);
  usable_.assign(padded, 0);
}

template <typename Keep>
void Panels::pack_each(const RowSource& from, int64_t begin, int64_t end, uint32_t* words,
                       const Keep& keep_row) const {
  Room room;
  const int64_t columns = tile_columns();
  std::fill(words, words + whole_panels(end - begin) * words_, 0U);
  for (int64_t p = begin; p < std::min(end, rows_); ++p) {
    const int64_t at = p - begin;
    keep_row(p, pack_row(from, p, room, words + at / columns * columns * words_ + at % columns));
  }
}

void Panels::pack(const RowSource& from, int64_t begin, int64_t end, uint32_t* words) {
  pack_each(from, begin, end, words,
            [&](int64_t p, const Packed& packed) { keep(p, packed, from.frame.similarity()); });
}

void Panels::pack_again(const RowSource& from, int64_t begin, int64_t end, uint32_t* words) const {
  pack_each(from, begin, end, words, [](int64_t, const Packed&) {});
}

Panels::Packed Panels::pack_row(const RowSource& from, int64_t p, Room& room,
                                uint32_t* words) const {
  const int32_t i = from.rows[static_cast<size_t>(p)];
  room.row.assign(static_cast<size_t>(rotation_.length()), 0.0F);
  Packed packed;
  packed.residual = residual(from.frame, from.side, from.scale(i), i, room.row.data());
  packed.usable = packed.residual.usable();
  if (!packed.usable) return packed;
  const double norm = packed.residual.norm;
  const double tiny = static_cast<double>(d_) * 0x1p-126;
  const int64_t columns = tile_columns();
  if (arithmetic_ == Arithmetic::f32) {
    packed.lost = 0x1p-24 * norm + tiny;
    packed.scale = std::ldexp(1.0F, std::max(kSmallestExponent, std::ilogb(std::max(norm, tiny))));
    for (int64_t f = 0; f < d_; ++f) {
      words[f * columns] = std::bit_cast<uint32_t>(room.row[static_cast<size_t>(f)] / packed.scale);
    }
    return packed;
  }

  rotation_.apply(room.row.data());
  const int64_t length = rotation_.length();
  const double largest = HWY_DYNAMIC_DISPATCH(largest_residual)(room.row.data(), length);
  double q = largest / kLargestByte;
  double limit = kLargestByte;
  if (arithmetic_ == Arithmetic::int16) {
    const double left = kLargestNorm - 1 - std::sqrt(static_cast<double>(length));
    q = std::max(norm * (1 + 0x1p-10) / left, largest / kLargestWord);
    limit = kLargestWord;
  }
  packed.scale = round_up(std::max(q, std::ldexp(1.0, kSmallestExponent)));
  room.integers.resize(static_cast<size_t>(words_));
  int32_t sum = 0;
  const double squares = arithmetic_ == Arithmetic::int16
                             ? HWY_DYNAMIC_DISPATCH(round_to_words)(
                                   room.row.data(), length, packed.scale, static_cast<float>(limit),
                                   reinterpret_cast<int16_t*>(room.integers.data()), sum)
                             : HWY_DYNAMIC_DISPATCH(round_to_bytes)(
                                   room.row.data(), length, packed.scale, static_cast<float>(limit),
                                   reinterpret_cast<int8_t*>(room.integers.data()), sum);
  packed.lost = rotation_.error() * norm + tiny + std::sqrt(squares) * kSumRoom;
  if (arithmetic_ == Arithmetic::int8) packed.bias = 128 * sum;
  for (int64_t w = 0; w < words_; ++w) {
    words[w * columns] = room.integers[static_cast<size_t>(w)];
  }
  return packed;
}

void Panels::keep(int64_t p, const Packed& packed, Similarity similarity) {
  if (!packed.usable) return;
  const auto at = static_cast<size_t>(p);
  const Residual& residual = packed.residual;
  const RowBound bound = row_bound(residual, packed.lost, packed.scale, similarity);
  usable_[at] = 1;
  scale[at] = packed.scale;
  inverse[at] = 1 / packed.scale;
  bias[at] = packed.bias;
  norms_[at] = bound.norms;
  offset[at] = bound.offset;
  lifted[at] = round_up(double{bound.offset} / packed.scale);
  slack[at] = bound.slack;
  own[at] = bound.own;
  level[at] = residual.level;
}

ScaledNorms Panels::largest_norms() const {
  ScaledNorms largest;
  for (const ScaledNorms& row : norms_) largest = largest_of(largest, row);
  return largest;
}

void Panels::set_errors(const ScaledNorms& largest) {
  const double g = arithmetic_ == Arithmetic::f32 ? product_error(d_) : 0.0;
  for (size_t p = 0; p < norms_.size(); ++p) error[p] = pair_error(norms_[p], largest, g);
}

}  // namespace consilience::kernels::cpu
#endif
