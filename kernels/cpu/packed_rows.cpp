#include "kernels/cpu/packed_rows.h"

#include <algorithm>
#include <new>

#include "kernels/base/parallel.h"
#include "kernels/cpu/candidate_tile.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kCacheLine = 64;

}  // namespace

uint32_t* WordBuffer::reserve(int64_t count) {
  if (count <= room_) return words_.get();
  const int64_t bytes = count * int64_t{sizeof(uint32_t)};
  const int64_t lines = (bytes + kCacheLine - 1) / kCacheLine;
  words_.reset(static_cast<uint32_t*>(
      std::aligned_alloc(kCacheLine, static_cast<size_t>(lines * kCacheLine))));
  if (words_ == nullptr) throw std::bad_alloc();
  room_ = count;
  return words_.get();
}

PackedRows::PackedRows(const Context& context, Arithmetic arithmetic, const RowSource& source,
                       int64_t spare)
    : panels(arithmetic, std::ssize(source.rows), source.side.x().cols()), source_(source) {
  const int64_t columns = tile_columns();
  const int64_t padded = std::ssize(panels.scale);
  const int64_t bytes = padded * panels.words() * int64_t{sizeof(uint32_t)};
  const bool resident = bytes <= 2 * padded * panels.features() + spare;
  uint32_t* all = resident ? words_.reserve(padded * panels.words()) : nullptr;
  parallel_for(context, padded, columns, [&](int64_t begin, int64_t end) {
    WordBuffer room;
    uint32_t* words =
        resident ? all + begin * panels.words() : room.reserve(columns * panels.words());
    panels.pack(source_, begin, end, words);
  });
}

const uint32_t* PackedRows::words(int64_t first, int64_t last, WordBuffer& room) const {
  const int64_t panel = panels.words() * tile_columns();
  if (words_.data() != nullptr) return words_.data() + first * panel;
  uint32_t* words = room.reserve((last - first) * panel);
  panels.pack_again(source_, first * tile_columns(), last * tile_columns(), words);
  return words;
}

}  // namespace consilience::kernels::cpu
