#include "kernels/cpu/candidate_tile.h"

#include <bit>
#include <cstring>

#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/candidate_tile.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Whole tiles stay in registers only where every loop over them is unrolled early.
#define CONSILIENCE_UNROLL HWY_PRAGMA(GCC unroll 8)

using Floats = hn::ScalableTag<float>;
using Integers = hn::RebindToSigned<Floats>;
using Vector = hn::Vec<Floats>;
using IntVector = hn::Vec<Integers>;
constexpr int kWidth = static_cast<int>(hn::MaxLanes(Floats()));
// Products that fill the registers: 8 x 3 of the 32 there are with AVX-512 and NEON, 4 x 3 of 16.
constexpr int kRows = HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3 ? 4 : 8;
constexpr int kVectors = 3;
constexpr int kColumns = kVectors * kWidth;
static_assert(kRows * kColumns + kWidth <= Hits::kRoom);
constexpr int64_t kAhead = 24;  // words that a row is fetched ahead: long rows come from afar

int tile_rows() { return kRows; }
int tile_columns() { return kColumns; }

HWY_INLINE float as_float(uint32_t word) { return std::bit_cast<float>(word); }

/// product [kRows, kColumns] = rows . columns in f32, in chains of at most kChain.
HWY_INLINE void multiply_f32(const TileSide& rows, const TileSide& columns, int64_t words,
                             float* HWY_RESTRICT product) {
  const Floats tag;
  const auto* panel = reinterpret_cast<const float*>(columns.words);
  for (int64_t begin = 0; begin < words; begin += kChain) {
    const int64_t end = HWY_MIN(words, begin + kChain);
    Vector sum[kRows][kVectors];
    CONSILIENCE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      CONSILIENCE_UNROLL
      for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Zero(tag);
    }
    for (int64_t f = begin; f < end; ++f) {
      Vector column[kVectors];
      CONSILIENCE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        column[v] = hn::LoadU(tag, panel + f * kColumns + v * kWidth);
      }
      CONSILIENCE_UNROLL
      for (int r = 0; r < kRows; ++r) {
        const auto value = hn::Set(tag, as_float(rows.words[f * kColumns + r]));
        CONSILIENCE_UNROLL
        for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(value, column[v], sum[r][v]);
      }
    }
    CONSILIENCE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      CONSILIENCE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        float* out = product + r * kColumns + v * kWidth;
        hn::Store(begin == 0 ? sum[r][v] : hn::Add(hn::Load(tag, out), sum[r][v]), tag, out);
      }
    }
  }
}

#if HWY_TARGET == HWY_AVX3_DL
#define CONSILIENCE_INTEGERS 1

// This target implies VNNI, but Highway 1.0.3 does not tell the compiler.
HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",avx512vnni")

template <Arithmetic kArithmetic>
HWY_INLINE IntVector multiply_add(IntVector sum, IntVector column, IntVector row) {
  if constexpr (kArithmetic == Arithmetic::int8) {
    return IntVector{_mm512_dpbusd_epi32(sum.raw, column.raw, row.raw)};
  } else {
    return IntVector{_mm512_dpwssd_epi32(sum.raw, column.raw, row.raw)};
  }
}

/// Exact. vpdpbusd takes unsigned columns: 128 is added to them, and 128 times the row's sum
/// (`bias`) taken off again.
template <Arithmetic kArithmetic>
HWY_INLINE void multiply_integers(const TileSide& rows, const TileSide& columns, int64_t words,
                                  int32_t* HWY_RESTRICT product) {
  const Integers integers;
  const auto sign = hn::Set(integers, static_cast<int32_t>(0x80808080));
  const auto* panel = reinterpret_cast<const int32_t*>(columns.words);
  const auto* row_words = reinterpret_cast<const int32_t*>(rows.words);
  IntVector sum[kRows][kVectors];
  CONSILIENCE_UNROLL
  for (int r = 0; r < kRows; ++r) {
    CONSILIENCE_UNROLL
    for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Set(integers, -rows.bias[r]);
  }
  for (int64_t w = 0; w < words; ++w) {
    IntVector column[kVectors];
    CONSILIENCE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      column[v] = hn::LoadU(integers, panel + w * kColumns + v * kWidth);
      if (kArithmetic == Arithmetic::int8) column[v] = hn::Xor(column[v], sign);
    }
    __builtin_prefetch(row_words + (w + kAhead) * kColumns);
    CONSILIENCE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const auto row = hn::Set(integers, row_words[w * kColumns + r]);
      CONSILIENCE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = multiply_add<kArithmetic>(sum[r][v], column[v], row);
      }
    }
  }
  CONSILIENCE_UNROLL
  for (int r = 0; r < kRows; ++r) {
    CONSILIENCE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      hn::Store(sum[r][v], integers, product + r * kColumns + v * kWidth);
    }
  }
}

HWY_POP_ATTRIBUTES

#else
#define CONSILIENCE_INTEGERS 0
#endif

bool multiplies_integers() { return CONSILIENCE_INTEGERS != 0; }

HWY_INLINE Vector load(const float* from) { return hn::Load(Floats(), from); }
HWY_INLINE Vector load(const int32_t* from) {
  return hn::ConvertTo(Floats(), hn::Load(Integers(), from));
}

/// What of row r and vector v passes its row's threshold, or its column's.
struct Passed {
  hn::Mask<Floats> row;
  hn::Mask<Floats> column;
};

HWY_INLINE Passed passed(const TileSide& rows, const TileSide& columns, int r, int v, Vector y) {
  const Floats tag;
  const int first = v * kWidth;
  const auto inverse = hn::LoadU(tag, columns.inverse + first);
  const auto row_inverse = hn::Set(tag, rows.inverse[r]);
  const auto doubt = hn::Add(hn::LoadU(tag, columns.error + first), hn::Set(tag, rows.error[r]));
  const auto above_row = hn::MulAdd(row_inverse, hn::LoadU(tag, columns.lifted + first), doubt);
  const auto for_row = hn::MulSub(hn::Set(tag, rows.threshold[r]), inverse, above_row);
  const auto above_column = hn::MulAdd(hn::Set(tag, rows.lifted[r]), inverse, doubt);
  const auto for_column =
      hn::MulSub(hn::LoadU(tag, columns.threshold + first), row_inverse, above_column);
  return {hn::Ge(y, for_row), hn::Ge(y, for_column)};
}

/// Appends the lanes of `mask`; writes a whole vector.
HWY_INLINE int append(hn::Mask<Floats> mask, hn::Vec<Integers> pair, Vector y, int count,
                      int32_t* pairs, float* products) {
  const Floats tag;
  const Integers integers;
  hn::StoreU(hn::Compress(pair, hn::RebindMask(integers, mask)), integers, pairs + count);
  hn::StoreU(hn::Compress(y, mask), tag, products + count);
  return count + static_cast<int>(hn::CountTrue(tag, mask));
}

template <typename Product>
HWY_INLINE void filter(const TileSide& rows, const TileSide& columns,
                       const Product* HWY_RESTRICT product, Hits& hits) {
  const Floats tag;
  const Integers integers;
  uint32_t some = 0;  // a bit for every vector that holds a hit
  CONSILIENCE_UNROLL
  for (int v = 0; v < kVectors; ++v) {
    CONSILIENCE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const Passed pass = passed(rows, columns, r, v, load(product + r * kColumns + v * kWidth));
      const bool any = !hn::AllFalse(tag, hn::Or(pass.row, pass.column));
      some |= static_cast<uint32_t>(any) << (v * kRows + r);
    }
  }
  hits.rows = hits.columns = 0;
  for (; some != 0; some &= some - 1) {
    const int at = std::countr_zero(some);
    const int v = at / kRows;
    const int r = at % kRows;
    const auto y = load(product + r * kColumns + v * kWidth);
    const Passed pass = passed(rows, columns, r, v, y);
    const auto pair = hn::Add(hn::Iota(integers, v * kWidth), hn::Set(integers, r << 8));
    hits.rows = append(pass.row, pair, y, hits.rows, hits.row_pair, hits.row_product);
    hits.columns =
        append(pass.column, pair, y, hits.columns, hits.column_pair, hits.column_product);
  }
}

void scan_f32(const TileSide& rows, const TileSide& columns, int64_t words, Hits& hits) {
  HWY_ALIGN float product[kRows * kColumns];
  multiply_f32(rows, columns, words, product);
  filter(rows, columns, product, hits);
}

#if CONSILIENCE_INTEGERS
HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",avx512vnni")
template <Arithmetic kArithmetic>
void scan_integers(const TileSide& rows, const TileSide& columns, int64_t words, Hits& hits) {
  HWY_ALIGN int32_t product[kRows * kColumns];
  multiply_integers<kArithmetic>(rows, columns, words, product);
  filter(rows, columns, product, hits);
}
HWY_POP_ATTRIBUTES
#endif

void scan_tile(Arithmetic arithmetic, const TileSide& rows, const TileSide& columns, int64_t words,
               Hits& hits) {
#if CONSILIENCE_INTEGERS
  if (arithmetic == Arithmetic::int8) {
    return scan_integers<Arithmetic::int8>(rows, columns, words, hits);
  }
  if (arithmetic == Arithmetic::int16) {
    return scan_integers<Arithmetic::int16>(rows, columns, words, hits);
  }
#endif
  static_cast<void>(arithmetic);
  return scan_f32(rows, columns, words, hits);
}

#undef CONSILIENCE_INTEGERS
#undef CONSILIENCE_UNROLL

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(tile_rows);
HWY_EXPORT(tile_columns);
HWY_EXPORT(multiplies_integers);
HWY_EXPORT(scan_tile);

int tile_rows() { return HWY_DYNAMIC_DISPATCH(tile_rows)(); }
int tile_columns() { return HWY_DYNAMIC_DISPATCH(tile_columns)(); }
bool multiplies_integers() { return HWY_DYNAMIC_DISPATCH(multiplies_integers)(); }
void scan_tile(Arithmetic arithmetic, const TileSide& rows, const TileSide& columns, int64_t words,
               Hits& hits) {
  HWY_DYNAMIC_DISPATCH(scan_tile)(arithmetic, rows, columns, words, hits);
}

}  // namespace consilience::kernels::cpu
#endif
