#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <mutex>

#include "kernels/base/conditioned_value.h"
#include "kernels/base/fixed_sum.h"
#include "kernels/base/interpolated_quantile.h"
#include "kernels/base/parallel.h"
#include "kernels/cpu/fixed_dot.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kGrain = 256;  // rows a piece of work

uint32_t magnitude(float x) { return std::bit_cast<uint32_t>(x) & 0x7FFFFFFFU; }

/// A histogram of the 16 bits of |x| from `shift` up, over the values whose higher bits are
/// `prefix`. |x| sorts like its bits.
std::vector<int64_t> histogram(const Context& context, Layers layers, int shift, uint32_t prefix) {
  constexpr uint32_t kBins = 1U << 16;
  std::vector<int64_t> total(kBins);
  std::mutex adding;
  for (const auto& x : layers) {
    parallel_for(context, x.rows(), std::max<int64_t>(kGrain, x.rows() / 64),
                 [&](int64_t begin, int64_t end) {
                   std::vector<int64_t> bins(kBins);
                   for (int64_t i = begin; i < end; ++i) {
                     for (const float value : x.row(i)) {
                       const uint32_t bits = magnitude(value);
                       if (uint64_t{bits} >> (shift + 16) != prefix) continue;
                       ++bins[bits >> shift & (kBins - 1)];
                     }
                   }
                   const std::lock_guard lock(adding);
                   for (uint32_t b = 0; b < kBins; ++b) total[b] += bins[b];
                 });
  }
  return total;
}

/// The bin that holds element `rank`, which becomes its rank within the bin.
uint32_t find_bin(const std::vector<int64_t>& bins, int64_t& rank) {
  uint32_t bin = 0;
  while (rank >= bins[bin]) rank -= bins[bin++];
  return bin;
}

}  // namespace

std::optional<Cell> first_not_finite(const Context& context, MatrixView<const float> x) {
  std::atomic<int64_t> first = x.rows();
  parallel_for(context, x.rows(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end && i < first; ++i) {
      uint32_t largest = 0;
      for (const float value : x.row(i)) largest = std::max(largest, magnitude(value));
      if (largest < 0x7F800000U) continue;
      int64_t seen = first;
      while (i < seen && !first.compare_exchange_weak(seen, i)) {
      }
    }
  });
  const int64_t row = first;
  if (row == x.rows()) return std::nullopt;
  const auto values = x.row(row);
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
  return Cell{row, bad - values.begin()};
}

float abs_select(const Context& context, Layers layers, int64_t rank) {
  const uint32_t high = find_bin(histogram(context, layers, 16, 0), rank);
  constexpr uint32_t kLowBits = 16;
  const uint32_t low = find_bin(histogram(context, layers, 0, high), rank);
  return std::bit_cast<float>(high << kLowBits | low);
}

double mean_sample_quantile(const Context& context, Layers layers, double q) {
  const int64_t n = layers[0].rows();
  std::vector<double> sums(static_cast<size_t>(column_blocks(n)));
  parallel_for(context, n, kColumnBlockRows, [&](int64_t begin, int64_t end) {
    std::vector<float> sample;
    double& sum = sums[static_cast<size_t>(begin / kColumnBlockRows)];
    for (int64_t i = begin; i < end; ++i) {
      sample.clear();
      for (const auto& x : layers) {
        for (const float value : x.row(i)) sample.push_back(std::fabs(value));
      }
      sum += interpolated_quantile(sample, q);
    }
  });
  reduce_column_blocks(sums, std::ssize(sums), 1);
  return sums[0] / static_cast<double>(n);
}

std::vector<double> column_mean(const Context& context, MatrixView<const float> x, float clamp) {
  const int64_t d = x.cols();
  const int64_t blocks = column_blocks(x.rows());
  std::vector<double> sums(static_cast<size_t>(blocks * d));
  parallel_for(context, x.rows(), kColumnBlockRows, [&](int64_t begin, int64_t end) {
    double* sum = sums.data() + begin / kColumnBlockRows * d;
    for (int64_t i = begin; i < end; ++i) {
      const float* row = x.row(i).data();
      for (int64_t f = 0; f < d; ++f) sum[f] += static_cast<double>(clamped(row[f], clamp));
    }
  });
  reduce_column_blocks(sums, blocks, d);
  sums.resize(static_cast<size_t>(d));
  for (double& sum : sums) sum /= static_cast<double>(x.rows());
  return sums;
}

std::vector<double> row_scales(const Context& context, MatrixView<const float> x, float clamp,
                               std::span<const double> mean) {
  const Side side(x, clamp, mean);
  std::vector<double> scales(static_cast<size_t>(x.rows()));
  parallel_for(context, x.rows(), kGrain, [&](int64_t begin, int64_t end) {
    std::vector<double> v(static_cast<size_t>(side.padded()));
    for (int64_t i = begin; i < end; ++i) {
      side.condition(i, v.data());
      const auto row = static_cast<int32_t>(i);
      double squares = 0;
      fixed_dots(v.data(), side, {&row, 1}, Similarity::dot, &squares);
      scales[static_cast<size_t>(i)] = 1.0 / std::sqrt(squares);
    }
  });
  return scales;
}

}  // namespace consilience::kernels::cpu
