#include "kernels/cpu/packed_rows.h"

#include <new>

#include "kernels/base/parallel.h"
#include "kernels/cpu/candidate_tile.h"

namespace consilience::kernels::cpu {
namespace {

constexpr size_t kCacheLine = 64;

}  // namespace

PackedRows pack_rows(const Context& context, const Side& side, std::span<const double> scales,
                     const ResidualFrame& frame, Arithmetic arithmetic,
                     std::span<const int32_t> rows) {
  PackedRows packed = {Panels(arithmetic, std::ssize(rows), side.x().cols()), nullptr};
  const int64_t padded = std::ssize(packed.panels.scale);
  const int64_t words = packed.panels.words();
  // Whole cache lines: a vector that straddles two costs a tile a quarter of its speed.
  const auto bytes = static_cast<size_t>(padded * words) * sizeof(uint32_t);
  packed.words.reset(static_cast<uint32_t*>(
      std::aligned_alloc(kCacheLine, (bytes + kCacheLine - 1) / kCacheLine * kCacheLine)));
  if (packed.words == nullptr) throw std::bad_alloc();
  parallel_for(context, padded, tile_columns(), [&](int64_t begin, int64_t end) {
    packed.panels.pack(
        side, scales, frame, [&](int64_t p) { return rows[static_cast<size_t>(p)]; }, begin, end,
        packed.words.get() + begin * words);
  });
  return packed;
}

}  // namespace consilience::kernels::cpu
