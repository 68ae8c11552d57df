#include "kernels/base/resize_weights.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace consilience::kernels {
namespace {

double triangle(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double cubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

constexpr int kPillowBits = 32 - 8 - 2;

/// As many as the largest weight leaves an int16 room for, and at most Pillow's.
int torch_bits(double largest) {
  int bits = 0;
  while (bits < kPillowBits && std::floor(0.5 + largest * (1 << (bits + 1))) < (1 << 15)) ++bits;
  return bits;
}

/// Rounds half away from zero.
int32_t fixed_point(double weight, int bits) {
  return static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << bits));
}

}  // namespace

ResizeWeights resize_weights(int size_in, int size_out, Resampling how) {
  const bool bicubic = how.filter == Filter::bicubic;
  const double scale = static_cast<double>(size_in) / size_out;
  const double filter_scale = std::max(scale, 1.0);  // antialiased when shrinking
  const double support = (bicubic ? 2.0 : 1.0) * filter_scale;
  ResizeWeights result;
  result.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
  std::vector<double> weights(static_cast<size_t>(size_out) * static_cast<size_t>(result.taps));
  for (int out = 0; out < size_out; ++out) {
    const double center = (out + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int last = std::min(size_in, static_cast<int>(center + support + 0.5));
    const std::span row(weights.data() + int64_t{out} * result.taps,
                        static_cast<size_t>(last - first));
    double sum = 0;
    for (int x = first; x < last; ++x) {
      const double at = (x - center + 0.5) * (1.0 / filter_scale);
      const double weight = bicubic ? cubic(at) : triangle(at);
      row[static_cast<size_t>(x - first)] = weight;
      sum += weight;
    }
    result.first.push_back(first);
    result.count.push_back(last - first);
    for (double& weight : row) weight = sum == 0 ? weight : weight / sum;
  }
  result.bits = how.implementation == Implementation::pil_exact
                    ? kPillowBits
                    : torch_bits(*std::max_element(weights.begin(), weights.end()));
  result.weights.reserve(weights.size());
  for (const double weight : weights) result.weights.push_back(fixed_point(weight, result.bits));
  return result;
}

}  // namespace consilience::kernels
