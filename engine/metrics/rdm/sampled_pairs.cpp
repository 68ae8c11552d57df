#include "engine/metrics/rdm/sampled_pairs.h"

#include <algorithm>
#include <cmath>

#include "engine/metrics/kernel/lower_triangles.h"
#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"

namespace consilience::engine {
namespace {

constexpr int64_t kChunk = 1024;

/// i of the pair at `index` in a lower triangle kept row after row.
int64_t row_of(int64_t index) {
  auto i = static_cast<int64_t>((1 + std::sqrt(1 + 8 * static_cast<double>(index))) / 2);
  while (triangle_row(i) > index) --i;
  while (triangle_row(i + 1) <= index) ++i;
  return i;
}

std::vector<int32_t> placed(std::span<const int32_t> place, std::span<const int32_t> rows) {
  std::vector<int32_t> result;
  for (const int32_t row : rows) result.push_back(place[static_cast<size_t>(row)]);
  return result;
}

}  // namespace

RowPairs sample_pairs(int64_t n, int64_t count) {
  RowPairs pairs;
  const auto all = static_cast<uint64_t>(triangle_row(n));
  for (int64_t s = 0; s < count; ++s) {
    const uint64_t bits =
        kernels::draw(/*seed=*/0, static_cast<uint32_t>(s), 0, kernels::Purpose::pairs, /*unit=*/0);
    const auto index = static_cast<int64_t>(bits % all);
    const int64_t i = row_of(index);
    pairs.i.push_back(static_cast<int32_t>(i));
    pairs.j.push_back(static_cast<int32_t>(index - triangle_row(i)));
  }
  return pairs;
}

Matrix<double> sampled_entries(const kernels::Context& context,
                               std::span<const PairwiseLayer> layers, const RowPairs& pairs,
                               std::span<const int32_t> place) {
  Matrix<double> entries(std::ssize(layers), pairs.count());
  const std::vector<int32_t> rows_i = placed(place, pairs.i);
  const std::vector<int32_t> rows_j = placed(place, pairs.j);
  const int64_t chunks = (pairs.count() + kChunk - 1) / kChunk;
  kernels::parallel_for(context, std::ssize(layers) * chunks, 1, [&](int64_t first, int64_t last) {
    for (int64_t c = first; c < last; ++c) {
      const PairwiseLayer& layer = layers[static_cast<size_t>(c / chunks)];
      const auto begin = static_cast<size_t>(c % chunks * kChunk);
      const size_t size = std::min<size_t>(kChunk, rows_i.size() - begin);
      const Matrix<double> x = layer.rows().gather(std::span(rows_i).subspan(begin, size));
      const Matrix<double> y = layer.rows().gather(std::span(rows_j).subspan(begin, size));
      const auto out = entries.row(c / chunks).subspan(begin, size);
      for (size_t s = 0; s < size; ++s)
        out[s] = layer.entry_of(x.row(static_cast<int64_t>(s)), y.row(static_cast<int64_t>(s)));
    }
  });
  return entries;
}

}  // namespace consilience::engine
