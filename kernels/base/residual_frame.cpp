#include "kernels/base/residual_frame.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/conditioned_value.h"
#include "kernels/base/fixed_sum.h"

namespace consilience::kernels {
namespace {

constexpr size_t kSample = 128;  // rows, fewer where they are long
constexpr size_t kSampleValues = size_t{1} << 20;
constexpr double kSumRoom = 1 + 0x1p-30;  // what the sums of squares can lose

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double norm(const double* row, size_t d) {
  double squares = 0;
  for (size_t f = 0; f < d; ++f) squares += row[f] * row[f];
  return std::sqrt(squares);
}

}  // namespace

ResidualFrame::ResidualFrame(const Conditioned& gallery, std::span<const int32_t> rows,
                             Similarity similarity)
    : centre_(static_cast<size_t>((gallery.x.cols() + kLanes - 1) / kLanes * kLanes)),
      similarity_(similarity) {
  const size_t d = centre_.size();
  const size_t count = std::max<size_t>(1, std::min({kSample, rows.size(), kSampleValues / d}));
  std::vector<double> sample(count * d);
  std::vector<double> norms(count);
  for (size_t t = 0; t < count; ++t) {
    const int32_t row = rows[t * rows.size() / count];
    const auto x = gallery.x.row(row);
    double* z = sample.data() + t * d;
    const double c = gallery.scale.empty() ? 1.0 : gallery.scale[static_cast<size_t>(row)];
    for (size_t f = 0; f < x.size(); ++f) {
      const double mean = gallery.mean.empty() ? 0.0 : gallery.mean[f];
      z[f] = conditioned(x[f], gallery.clamp, mean) * c;
    }
    norms[t] = norm(z, d);
  }
  // The mean row, where rows longer than the median count as if they were as long as it.
  const double usual = median(norms);
  for (size_t t = 0; t < count; ++t) {
    const double weight = (norms[t] > usual ? usual / norms[t] : 1.0) / static_cast<double>(count);
    for (size_t f = 0; f < d; ++f) centre_[f] += weight * sample[t * d + f];
  }
  centre_norm_ = norm(centre_.data(), d) * kSumRoom;

  for (size_t t = 0; t < count; ++t) {
    for (size_t f = 0; f < d; ++f) sample[t * d + f] -= centre_[f];
    norms[t] = norm(sample.data() + t * d, d);
  }
  double typical = median(norms);
  if (typical == 0) typical = *std::max_element(norms.begin(), norms.end());
  if (typical > 0) unit_ = std::ldexp(1.0, std::clamp(-std::ilogb(typical), -300, 300));
}

}  // namespace consilience::kernels
