#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

#include "kernels/base/parallel.h"
#include "kernels/cpu/row_passes.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kGrain = 256;             // rows a piece of work, at least
constexpr uint32_t kLargest = 0x7FFFFFFFU;  // magnitude
constexpr int64_t kFew = 1 << 14;           // values: up to so many are all kept

uint32_t magnitude(float x) { return std::bit_cast<uint32_t>(x) & kLargest; }

int64_t rows_a_piece(const Context& context, int64_t rows) {
  return context.threads == 1 ? std::max<int64_t>(1, rows) : std::max(kGrain, rows / 64);
}

/// About one in `step` magnitudes, from all rows and columns alike.
std::vector<uint32_t> sample(Layers layers, int64_t step) {
  constexpr uint64_t kTurn = 0x9E3779B97F4A7C15;  // spreads the first columns over the steps
  std::vector<uint32_t> values;
  uint64_t turn = 0;
  for (const auto& x : layers) {
    for (int64_t i = 0; i < x.rows(); ++i) {
      turn += kTurn;
      const auto first = static_cast<int64_t>((turn >> 32) * static_cast<uint64_t>(step) >> 32);
      for (int64_t f = first; f < x.cols(); f += step) values.push_back(magnitude(x(i, f)));
    }
  }
  return values;
}

/// A window that very probably holds the element at `place` in 0 .. 1: around the sample's
/// quantile, wide enough for its error.
Window window_at(std::vector<uint32_t> values, double place) {
  constexpr double kDeviations = 4;
  const auto count = static_cast<double>(values.size());
  const double room = kDeviations * std::sqrt(count * place * (1 - place)) + kDeviations;
  const auto element = [&](double at) {
    const auto nth = values.begin() + static_cast<int64_t>(at);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
  };
  const double low = std::floor(place * count - room);
  const double high = std::ceil(place * count + room);
  Window window;
  window.low = low < 0 ? 0 : element(low);
  window.high = high < count ? element(high) + 1 : kLargest;
  return window;
}

void fill(const Context& context, Layers layers, Window& window) {
  std::mutex adding;
  for (const auto& x : layers) {
    parallel_for(
        context, x.rows(), rows_a_piece(context, x.rows()), [&](int64_t begin, int64_t end) {
          Window part = {window.low, window.high, 0, 0, {}};
          for (int64_t i = begin; i < end; ++i) add_to_window(x.row(i).data(), x.cols(), part);
          const std::lock_guard lock(adding);
          window.below += part.below;
          window.lows += part.lows;
          window.inside.insert(window.inside.end(), part.inside.begin(), part.inside.end());
        });
  }
}

/// A histogram of the 16 bits of |x| from `shift` up, over the values whose higher bits are
/// `prefix`.
std::vector<int64_t> histogram(const Context& context, Layers layers, int shift, uint32_t prefix) {
  constexpr uint32_t kBins = 1U << 16;
  std::vector<int64_t> total(kBins);
  std::mutex adding;
  for (const auto& x : layers) {
    parallel_for(context, x.rows(), rows_a_piece(context, x.rows()),
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

/// Two passes, whatever the values.
uint32_t select_by_histogram(const Context& context, Layers layers, int64_t rank) {
  const uint32_t high = find_bin(histogram(context, layers, 16, 0), rank);
  constexpr uint32_t kLowBits = 16;
  const uint32_t low = find_bin(histogram(context, layers, 0, high), rank);
  return high << kLowBits | low;
}

/// The element `rank` of all values if the window holds it.
std::optional<uint32_t> element(Window& window, int64_t rank) {
  rank -= window.below;
  if (rank < 0) return std::nullopt;
  if (rank < window.lows) return window.low;
  rank -= window.lows;
  if (rank >= std::ssize(window.inside)) return std::nullopt;
  const auto nth = window.inside.begin() + rank;
  std::nth_element(window.inside.begin(), nth, window.inside.end());
  return *nth;
}

}  // namespace

float abs_select(const Context& context, Layers layers, int64_t rank) {
  int64_t count = 0;
  for (const auto& x : layers) count += x.rows() * x.cols();
  Window window = {0, kLargest, 0, 0, {}};
  if (count > kFew) {
    const int64_t wanted = std::clamp<int64_t>(count / 128, kFew / 4, 4 * kFew);
    window = window_at(sample(layers, count / wanted),
                       static_cast<double>(rank) / static_cast<double>(count));
  }
  fill(context, layers, window);
  const std::optional<uint32_t> found = element(window, rank);
  return std::bit_cast<float>(found ? *found : select_by_histogram(context, layers, rank));
}

}  // namespace consilience::kernels::cpu
