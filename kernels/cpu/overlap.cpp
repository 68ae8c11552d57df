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

struct Grid {
  std::span<const ListView> as;
  std::span<const ListView> bs;
  size_t k;
  std::span<const int32_t> to;    // the permutation that relabels the first side
  std::span<const int32_t> from;  // and its inverse
};

/// The sets of a few rows in many layers: [layer, row, words a row], each layer whole vectors.
class Sets {
 public:
  Sets(int64_t layers, int64_t rows, int64_t row_words)
      : row_words_(row_words),
        layer_words_((rows * row_words + kSetWords - 1) / kSetWords * kSetWords),
        words_(static_cast<size_t>(layers * layer_words_)) {}

  [[nodiscard]] int64_t layer_words() const { return layer_words_; }
  [[nodiscard]] const uint64_t* data() const { return words_.data(); }
  [[nodiscard]] uint64_t* set(size_t layer, int64_t row) {
    return words_.data() + static_cast<int64_t>(layer) * layer_words_ + row * row_words_;
  }
  void clear() { std::ranges::fill(words_, 0); }

 private:
  int64_t row_words_;
  int64_t layer_words_;
  std::vector<uint64_t> words_;
};

void set_bit(uint64_t* set, int32_t bit) { set[bit >> 6] |= uint64_t{1} << (bit & 63); }

/// Bit j stands for row j.
void fill_direct(const Grid& grid, int64_t first, int64_t rows, Sets& a, Sets& b) {
  const int32_t* to = grid.to.data();
  for (size_t layer = 0; layer < grid.as.size(); ++layer) {
    for (int64_t r = 0; r < rows; ++r) {
      const int32_t* list = grid.as[layer].row(grid.from[static_cast<size_t>(first + r)]).data();
      uint64_t* set = a.set(layer, r);
      for (size_t c = 0; c < grid.k; ++c) set_bit(set, to[list[c]]);
    }
  }
  for (size_t layer = 0; layer < grid.bs.size(); ++layer) {
    for (int64_t r = 0; r < rows; ++r) {
      const int32_t* list = grid.bs[layer].row(first + r).data();
      uint64_t* set = b.set(layer, r);
      for (size_t c = 0; c < grid.k; ++c) set_bit(set, list[c]);
    }
  }
}

/// With many rows: what the lists of the first side name gets bits in order of appearance, row by
/// row; entries of the second side that none of them names are left out.
class NamedBits {
 public:
  explicit NamedBits(int64_t n) : bit_(static_cast<size_t>(n), -1) {}

  void fill(const Grid& grid, int64_t first, int64_t rows, Sets& a, Sets& b) {
    for (int64_t r = 0; r < rows; ++r) {
      const int32_t source = grid.from[static_cast<size_t>(first + r)];
      for (size_t layer = 0; layer < grid.as.size(); ++layer) {
        for (const int32_t j : grid.as[layer].row(source).first(grid.k)) {
          set_bit(a.set(layer, r), name(grid.to[static_cast<size_t>(j)]));
        }
      }
      for (size_t layer = 0; layer < grid.bs.size(); ++layer) {
        for (const int32_t j : grid.bs[layer].row(first + r).first(grid.k)) {
          const int32_t bit = bit_[static_cast<size_t>(j)];
          if (bit >= 0) set_bit(b.set(layer, r), bit);
        }
      }
      for (const int32_t j : named_) bit_[static_cast<size_t>(j)] = -1;
      named_.clear();
    }
  }

 private:
  int32_t name(int32_t j) {
    int32_t& bit = bit_[static_cast<size_t>(j)];
    if (bit < 0) {
      bit = static_cast<int32_t>(named_.size());
      named_.push_back(j);
    }
    return bit;
  }

  std::vector<int32_t> bit_;    // [n], -1: none
  std::vector<int32_t> named_;  // what to forget after the row
};

/// Adds the counts of rows [begin, end) to counts [A, B], a few rows' sets at a time.
void count_rows(const Grid& grid, int64_t begin, int64_t end, int64_t* counts) {
  const int64_t n = grid.as[0].rows();
  const int64_t layers_a = std::ssize(grid.as);
  const int64_t layers_b = std::ssize(grid.bs);
  const bool direct = n <= kDirectBits;
  const int64_t bits = direct ? n : std::min(n, layers_a * static_cast<int64_t>(grid.k));
  const int64_t row_words = (bits + 63) / 64;
  const int64_t step = std::min(end - begin, std::max<int64_t>(1, kLayerWords / row_words));
  Sets a(layers_a, step, row_words);
  Sets b(layers_b, step, row_words);
  NamedBits names(direct ? 0 : n);
  for (int64_t first = begin; first < end; first += step) {
    const int64_t rows = std::min(step, end - first);
    a.clear();
    b.clear();
    if (direct) {
      fill_direct(grid, first, rows, a, b);
    } else {
      names.fill(grid, first, rows, a, b);
    }
    add_shared_bits(a.data(), layers_a, b.data(), layers_b, a.layer_words(), counts);
  }
}

}  // namespace

void overlap_counts(const Context& context, std::span<const ListView> as,
                    std::span<const ListView> bs, int k, std::span<const int32_t> permutation,
                    MatrixView<int64_t> counts) {
  const int64_t n = as[0].rows();
  std::vector<int32_t> to(permutation.begin(), permutation.end());
  if (to.empty()) {
    to.resize(static_cast<size_t>(n));
    std::iota(to.begin(), to.end(), 0);
  }
  std::vector<int32_t> from(to.size());
  for (size_t i = 0; i < from.size(); ++i) {
    from[static_cast<size_t>(to[i])] = static_cast<int32_t>(i);
  }
  for (int64_t a = 0; a < counts.rows(); ++a) std::ranges::fill(counts.row(a), 0);

  // With many rows a set needs a bit for each entry of the first side: few layers of it at a time.
  const size_t layers_at_once =
      n <= kDirectBits ? as.size() : static_cast<size_t>(std::max<int64_t>(1, 1024 / k));
  std::mutex adding;
  for (size_t layer = 0; layer < as.size(); layer += layers_at_once) {
    const auto some = as.subspan(layer, std::min(layers_at_once, as.size() - layer));
    const Grid grid = {some, bs, static_cast<size_t>(k), to, from};
    parallel_for(context, n, std::max<int64_t>(128, n / 64), [&](int64_t begin, int64_t end) {
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
