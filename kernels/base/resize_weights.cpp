#include "kernels/base/resize_weights.h"

#include <algorithm>
#include <cmath>

namespace consilience::kernels {
namespace {

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

/// Rounds half away from zero, as Pillow does.
int32_t fixed_point(double weight) {
  return static_cast<int32_t>((weight < 0 ? -0.5 : 0.5) + weight * (1 << kWeightBits));
}

}  // namespace

ResizeWeights resize_weights(int size_in, int size_out, Filter filter) {
  const double scale = static_cast<double>(size_in) / size_out;
  const double filter_scale = std::max(scale, 1.0);  // antialiased when shrinking
  const double support = (filter == Filter::bicubic ? 2.0 : 1.0) * filter_scale;
  ResizeWeights result;
  result.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
  result.weights.assign(static_cast<size_t>(size_out) * static_cast<size_t>(result.taps), 0);
  std::vector<double> w(static_cast<size_t>(result.taps));
  for (int out = 0; out < size_out; ++out) {
    const double center = (out + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(center - support + 0.5));
    const int last = std::min(size_in, static_cast<int>(center + support + 0.5));
    double sum = 0;
    for (int x = first; x < last; ++x) {
      const double at = (x - center + 0.5) * (1.0 / filter_scale);
      const double weight = filter == Filter::bicubic ? bicubic(at) : bilinear(at);
      w[static_cast<size_t>(x - first)] = weight;
      sum += weight;
    }
    result.first.push_back(first);
    result.count.push_back(last - first);
    int32_t* row = result.weights.data() + int64_t{out} * result.taps;
    for (int x = 0; x < last - first; ++x) {
      const double weight = w[static_cast<size_t>(x)];
      row[x] = fixed_point(sum == 0 ? weight : weight / sum);
    }
  }
  return result;
}

}  // namespace consilience::kernels
