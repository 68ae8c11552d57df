#pragma once
#include <cstdlib>
#include <memory>

#include "kernels/base/backend.h"
#include "kernels/cpu/panels.h"

namespace consilience::kernels::cpu {

/// Memory for words: whole cache lines, because a vector that straddles two costs a tile a quarter
/// of its speed; not cleared, so that only what is used is ever touched.
class WordBuffer {
 public:
  /// Room for `count` words; what was there is lost.
  uint32_t* reserve(int64_t count);
  [[nodiscard]] const uint32_t* data() const { return words_.get(); }

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::unique_ptr<uint32_t[], Free> words_;
  int64_t room_ = 0;
};

/// Rows in panels with their words: what tiles are made of. Where all words together would take
/// more than two bytes a feature and `spare` bytes, they are made anew, block by block, whenever
/// they are wanted.
class PackedRows {
 public:
  static constexpr int64_t kSpare = int64_t{160} << 20;

  /// By all threads. Errors are still to be set. What `source` names must outlive this.
  PackedRows(const Context& context, Arithmetic arithmetic, const RowSource& source,
             int64_t spare = kSpare);

  Panels panels;

  /// The words of panels [first, last), in `room` where they are not at hand.
  const uint32_t* words(int64_t first, int64_t last, WordBuffer& room) const;

 private:
  RowSource source_;
  WordBuffer words_;  // [panel, words a row, tile_columns()], or nothing
};

}  // namespace consilience::kernels::cpu
