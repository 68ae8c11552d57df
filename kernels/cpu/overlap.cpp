#include <algorithm>
#include <mutex>
#include <numeric>

#include "kernels/base/parallel.h"
#include "kernels/cpu/bit_sets.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kDirectBits = 2048;  // up to so many rows, row j is bit j
constexpr int64_t kLayerWords = 256;   // bits of one layer that are worked on together: 2 KiB

/// Which bit stands for gallery row j in the sets of one row. With few rows bit j itself; with
/// many, the rows that the lists of the first side name get bits in order of appearance, and
/// entries of the second side that none of them names are left out.
class BitNames {
 public:
  BitNames(int64_t n, int64_t entries)
      : direct_(n <= kDirectBits), words_(((direct_ ? n : std::min(n, entries)) + 63) / 64) {
    bit_.assign(static_cast<size_t>(n), -1);
    if (direct_) std::iota(bit_.begin(), bit_.end(), 0);
  }

  [[nodiscard]] int64_t words() const { return words_; }

  int32_t name(int32_t j) {
    int32_t& bit = bit_[static_cast<size_t>(j)];
    if (bit < 0) {
      bit = static_cast<int32_t>(named_.size());
      named_.push_back(j);
    }
    return bit;
  }
  [[nodiscard]] int32_t find(int32_t j) const { return bit_[static_cast<size_t>(j)]; }

  void next_row() {
    for (const int32_t j : named_) bit_[static_cast<size_t>(j)] = -1;
    named_.clear();
  }

 private:
  bool direct_;
  int64_t words_;
  std::vector<int32_t> bit_;    // [n], -1: none
  std::vector<int32_t> named_;  // what to forget at the next row
};

struct Grid {
  std::span<const ListView> as;
  std::span<const ListView> bs;
  size_t k;
  std::span<const int32_t> to;  // the permutation and its inverse, or empty
  std::span<const int32_t> from;

  [[nodiscard]] int32_t target(int32_t j) const {
    return to.empty() ? j : to[static_cast<size_t>(j)];
  }
  [[nodiscard]] int64_t source(int64_t row) const {
    return from.empty() ? row : from[static_cast<size_t>(row)];
  }
};

void set_bit(uint64_t* set, int32_t bit) { set[bit >> 6] |= uint64_t{1} << (bit & 63); }

/// Adds the counts of rows [begin, end), a few rows' sets at a time.
void count_rows(const Grid& grid, int64_t begin, int64_t end, int64_t* counts) {
  const int64_t n = grid.as[0].rows();
  const int64_t layers_a = std::ssize(grid.as);
  const int64_t layers_b = std::ssize(grid.bs);
  BitNames names(n, layers_a * static_cast<int64_t>(grid.k));
  const int64_t rows_at_once = std::max<int64_t>(1, kLayerWords / names.words());
  std::vector<uint64_t> a;
  std::vector<uint64_t> b;
  for (int64_t first = begin; first < end; first += rows_at_once) {
    const int64_t rows = std::min(rows_at_once, end - first);
    const int64_t words = (rows * names.words() + kSetWords - 1) / kSetWords * kSetWords;
    a.assign(static_cast<size_t>(layers_a * words), 0);
    b.assign(static_cast<size_t>(layers_b * words), 0);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t layer = 0; layer < layers_a; ++layer) {
        const ListView& lists = grid.as[static_cast<size_t>(layer)];
        uint64_t* set = a.data() + layer * words + r * names.words();
        for (const int32_t j : lists.row(grid.source(first + r)).first(grid.k)) {
          set_bit(set, names.name(grid.target(j)));
        }
      }
      for (int64_t layer = 0; layer < layers_b; ++layer) {
        const ListView& lists = grid.bs[static_cast<size_t>(layer)];
        uint64_t* set = b.data() + layer * words + r * names.words();
        for (const int32_t j : lists.row(first + r).first(grid.k)) {
          const int32_t bit = names.find(j);
          if (bit >= 0) set_bit(set, bit);
        }
      }
      names.next_row();
    }
    add_shared_bits(a.data(), layers_a, b.data(), layers_b, words, counts);
  }
}

}  // namespace

void overlap_counts(const Context& context, std::span<const ListView> as,
                    std::span<const ListView> bs, int k, std::span<const int32_t> permutation,
                    MatrixView<int64_t> counts) {
  const int64_t n = as[0].rows();
  std::vector<int32_t> from(permutation.size());
  for (size_t i = 0; i < from.size(); ++i) {
    from[static_cast<size_t>(permutation[i])] = static_cast<int32_t>(i);
  }
  for (int64_t a = 0; a < counts.rows(); ++a) std::ranges::fill(counts.row(a), 0);

  // With many rows a set needs a bit for each entry of the first side: few layers of it at a time.
  const size_t layers_at_once =
      n <= kDirectBits ? as.size() : static_cast<size_t>(std::max<int64_t>(1, 1024 / k));
  std::mutex adding;
  for (size_t layer = 0; layer < as.size(); layer += layers_at_once) {
    const auto some = as.subspan(layer, std::min(layers_at_once, as.size() - layer));
    const Grid grid = {some, bs, static_cast<size_t>(k), permutation, from};
    parallel_for(context, n, std::max<int64_t>(64, n / 64), [&](int64_t begin, int64_t end) {
      std::vector<int64_t> part(some.size() * bs.size());
      count_rows(grid, begin, end, part.data());
      const std::lock_guard lock(adding);
      for (size_t a = 0; a < some.size(); ++a) {
        const auto row = counts.row(static_cast<int64_t>(layer + a));
        for (size_t b = 0; b < bs.size(); ++b) row[b] += part[a * bs.size() + b];
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
