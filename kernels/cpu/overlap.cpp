#include <hwy/aligned_allocator.h>
#include <hwy/cache_control.h>

#include <algorithm>
#include <bit>
#include <mutex>
#include <numeric>

#include "kernels/base/parallel.h"
#include "kernels/cpu/bit_counters.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kTableMasks = 4096;     // of a few rows' table: 256 KiB
constexpr int64_t kLargestTable = 65536;  // of one row's, where lists are long

using Buffer = hwy::AlignedFreeUniquePtr<uint64_t[]>;

Buffer zeroed(int64_t words) {
  Buffer buffer = hwy::AllocateAligned<uint64_t>(static_cast<size_t>(words));
  std::fill_n(buffer.get(), words, 0);
  return buffer;
}

/// One call's sides, with up to kCounters layers of the first.
struct Grid {
  const PackedLists& a;
  const PackedLists& b;
  int64_t first, layers;        // of a
  std::span<const int32_t> to;  // the permutation that relabels the first side

  /// Row j has mask j: there are few rows, or the lists name most of them.
  [[nodiscard]] bool direct() const {
    return a.rows() <= std::max(kTableMasks, layers * int64_t{a.k()});
  }
  /// Of one row's table.
  [[nodiscard]] int64_t row_masks() const { return direct() ? a.rows() : layers * a.k(); }
};

/// Says for every row j which layers of the first side list it, as a mask, for a few rows i at a
/// time; a layer of the second side then adds up the masks of the rows that it lists, and gets its
/// counts with all layers of the first side at once.
class Block {
 public:
  Block(const Grid& grid, int64_t rows)
      : grid_(grid),
        k_(grid.a.k()),
        nothing_(rows * grid.row_masks()),
        stride_((rows * k_ + kMaskGroup - 1) / kMaskGroup * kMaskGroup),
        table_(zeroed((nothing_ + 1) * kMaskWords)),
        masks_(static_cast<size_t>(grid.b.layers() * stride_)),
        lengths_(static_cast<size_t>(grid.b.layers())),
        mask_of_(static_cast<size_t>(grid.direct() ? 0 : grid.a.rows()), kNone),
        named_(static_cast<size_t>(grid.direct() ? 0 : nothing_)) {}

  /// Adds rows [begin, end) to the planes of the second side's layers.
  void count(int64_t begin, int64_t end, int64_t bits, uint64_t* planes) {
    std::ranges::fill(lengths_, 0);
    if (grid_.direct()) {
      for (int64_t i = begin; i < end; ++i) add_row(i, (i - begin) * grid_.a.rows());
    } else {
      used_ = 0;
      for (int64_t i = begin; i < end; ++i) add_named_row(i);
    }
    const int64_t lists = grid_.b.layers();
    for (int64_t l = 0; l < lists; ++l) {
      uint32_t& length = lengths_[static_cast<size_t>(l)];
      while (length % kMaskGroup != 0) push(l, nothing_);
    }
    add_masks({table_.get(), masks_.data(), lengths_.data(), stride_, lists}, bits, planes);
    if (grid_.direct()) clear(begin, end);
  }

 private:
  static constexpr int32_t kNone = -1;

  [[nodiscard]] const int32_t* lists_a(int64_t i) const {
    return grid_.a.row(i) + grid_.first * k_;
  }

  /// Of the second side's lists that row i is compared with; those of row i + 1 are on their way.
  [[nodiscard]] const int32_t* lists_b(int64_t i) const {
    constexpr int64_t kLine = 16;
    if (i + 1 < grid_.b.rows()) {
      const int32_t* next = grid_.b.row(grid_.to[static_cast<size_t>(i) + 1]);
      for (int64_t e = 0; e < grid_.b.layers() * k_; e += kLine) hwy::Prefetch(next + e);
    }
    return grid_.b.row(grid_.to[static_cast<size_t>(i)]);
  }

  void push(int64_t list, int64_t mask) {
    uint32_t& length = lengths_[static_cast<size_t>(list)];
    masks_[static_cast<size_t>(list * stride_ + length++)] = static_cast<uint32_t>(mask);
  }

  void add_row(int64_t i, int64_t base) {
    const int32_t* to = grid_.to.data();
    const int64_t k = k_;
    const int64_t layers = grid_.layers;
    const int32_t* entry = lists_a(i);
    for (int64_t layer = 0; layer < layers; ++layer) {
      uint64_t* word = table_.get() + base * kMaskWords + (layer >> 6);
      const uint64_t bit = uint64_t{1} << (layer & 63);
      for (int64_t c = 0; c < k; ++c)
        word[size_t{static_cast<uint32_t>(to[entry[c]])} * kMaskWords] |= bit;
      entry += k;
    }
    const int64_t lists = grid_.b.layers();
    entry = lists_b(i);
    uint32_t* masks = masks_.data() + lengths_[0];
    const auto offset = static_cast<uint32_t>(base);
    for (int64_t l = 0; l < lists; ++l) {
      for (int64_t c = 0; c < k; ++c) masks[c] = offset + static_cast<uint32_t>(entry[c]);
      masks += stride_;
      entry += k;
    }
    for (uint32_t& length : lengths_) length += static_cast<uint32_t>(k);
  }

  /// Zeroes the masks again: those that were set, or all where that is less.
  void clear(int64_t begin, int64_t end) {
    const int64_t n = grid_.a.rows();
    if (grid_.layers * k_ >= n) {
      std::fill_n(table_.get(), (end - begin) * n * kMaskWords, 0);
      return;
    }
    const int32_t* to = grid_.to.data();
    const int64_t k = k_;
    const int64_t layers = grid_.layers;
    for (int64_t i = begin; i < end; ++i) {
      const int32_t* entry = lists_a(i);
      for (int64_t layer = 0; layer < layers; ++layer) {
        uint64_t* word = table_.get() + (i - begin) * n * kMaskWords + (layer >> 6);
        for (int64_t c = 0; c < k; ++c) word[int64_t{to[*entry++]} * kMaskWords] = 0;
      }
    }
  }

  /// The rows that the lists of the first side name get masks in order of appearance; what none of
  /// them names is left out of the sums.
  void add_named_row(int64_t i) {
    const int32_t* to = grid_.to.data();
    const int64_t k = k_;
    const int64_t layers = grid_.layers;
    int32_t* mask_of = mask_of_.data();
    int32_t* named = named_.data();
    const int32_t first = used_;
    int32_t used = first;
    const int32_t* entry = lists_a(i);
    for (int64_t layer = 0; layer < layers; ++layer) {
      uint64_t* word = table_.get() + (layer >> 6);
      const uint64_t bit = uint64_t{1} << (layer & 63);
      for (int64_t c = 0; c < k; ++c) {
        const int32_t j = to[*entry++];
        int32_t mask = mask_of[j];
        if (mask == kNone) {
          mask_of[j] = mask = used++;
          named[mask] = j;
          std::fill_n(table_.get() + int64_t{mask} * kMaskWords, kMaskWords, 0);
        }
        word[int64_t{mask} * kMaskWords] |= bit;
      }
    }
    const int64_t lists = grid_.b.layers();
    entry = lists_b(i);
    for (int64_t l = 0; l < lists; ++l) {
      uint32_t length = lengths_[static_cast<size_t>(l)];
      uint32_t* masks = masks_.data() + l * stride_;
      for (int64_t c = 0; c < k; ++c) {
        const int32_t mask = mask_of[*entry++];
        if (mask != kNone) masks[length++] = static_cast<uint32_t>(mask);
      }
      lengths_[static_cast<size_t>(l)] = length;
    }
    for (int32_t mask = first; mask < used; ++mask) mask_of[named[mask]] = kNone;
    used_ = used;
  }

  const Grid& grid_;
  int64_t k_;
  int64_t nothing_;  // a mask of no layer
  int64_t stride_;
  Buffer table_;
  std::vector<uint32_t> masks_;    // [B, stride]
  std::vector<uint32_t> lengths_;  // [B]
  std::vector<int32_t> mask_of_;   // [n], where masks have names
  std::vector<int32_t> named_;     // [masks] the row that each stands for
  int32_t used_ = 0;
};

/// Rows [begin, end): counts [kCounters] for each layer of the second side.
std::vector<int64_t> count_rows(const Grid& grid, int64_t begin, int64_t end) {
  const int64_t lists = grid.b.layers();
  const int64_t bits = std::bit_width(static_cast<uint64_t>((end - begin) * grid.a.k()));
  const int64_t step =
      std::clamp<int64_t>(kTableMasks / std::max<int64_t>(1, grid.row_masks()), 1, end - begin);
  Block block(grid, step);
  Buffer planes = zeroed(lists * bits * kMaskWords);
  for (int64_t i = begin; i < end; i += step)
    block.count(i, std::min(end, i + step), bits, planes.get());
  std::vector<int64_t> counts(static_cast<size_t>(lists * kCounters));
  for (int64_t l = 0; l < lists; ++l)
    read_counters(planes.get() + l * bits * kMaskWords, bits, grid.layers,
                  counts.data() + l * kCounters);
  return counts;
}

}  // namespace

void overlap_counts(const Context& context, const PackedLists& a, const PackedLists& b,
                    std::span<const int32_t> permutation, MatrixView<int64_t> counts) {
  const int64_t n = a.rows();
  std::vector<int32_t> to(permutation.begin(), permutation.end());
  if (to.empty()) {
    to.resize(static_cast<size_t>(n));
    std::iota(to.begin(), to.end(), 0);
  }
  for (int64_t layer = 0; layer < a.layers(); ++layer) std::ranges::fill(counts.row(layer), 0);

  const int64_t layers_at_once = std::clamp<int64_t>(kLargestTable / a.k(), 1, kCounters);
  const int64_t piece = std::max<int64_t>(context.threads == 1 ? n : n / 16, 256);
  std::mutex adding;
  for (int64_t first = 0; first < a.layers(); first += layers_at_once) {
    const Grid grid = {a, b, first, std::min(layers_at_once, a.layers() - first), to};
    parallel_for(context, n, piece, [&](int64_t begin, int64_t end) {
      const std::vector<int64_t> part = count_rows(grid, begin, end);
      const std::lock_guard lock(adding);
      for (int64_t layer = 0; layer < grid.layers; ++layer) {
        const auto row = counts.row(first + layer);
        for (size_t l = 0; l < row.size(); ++l)
          row[l] += part[l * kCounters + static_cast<size_t>(layer)];
      }
    });
  }
}

void overlap_per_row(const Context& context, ListView a, ListView b, int k,
                     std::span<int32_t> out) {
  const auto width = static_cast<size_t>(k);
  parallel_for(context, a.rows(), std::max<int64_t>(256, a.rows() / 64),
               [&](int64_t begin, int64_t end) {
                 std::vector<int64_t> listed_by(out.size(), -1);  // the last row of a that lists j
                 for (int64_t i = begin; i < end; ++i) {
                   for (const int32_t j : a.row(i).first(width)) {
                     listed_by[static_cast<size_t>(j)] = i;
                   }
                   int32_t count = 0;
                   for (const int32_t j : b.row(i).first(width)) {
                     count += listed_by[static_cast<size_t>(j)] == i;
                   }
                   out[static_cast<size_t>(i)] = count;
                 }
               });
}

}  // namespace consilience::kernels::cpu
