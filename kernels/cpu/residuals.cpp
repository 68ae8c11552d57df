#include "kernels/cpu/residuals.h"

#include <algorithm>
#include <cmath>

#include "kernels/base/fixed_sum.h"

namespace consilience::kernels::cpu {
namespace {

constexpr size_t kSample = 256;  // rows, fewer where they are long
constexpr size_t kSampleValues = size_t{1} << 20;
constexpr double kLargest = 0x1p30;           // of a scaled residual's norm
constexpr double kLargestTerm = 0x1p100;      // of an offset or a reach, to stay inside f32
constexpr double kSumRoom = 1 + 0x1p-30;      // what the plain sums of squares below can lose
constexpr float kSmallestNormal = 0x1p-126F;  // below it f32 products may be flushed to zero

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double norm(const std::vector<double>& row) {
  double squares = 0;
  for (const double value : row) squares += value * value;
  return std::sqrt(squares);
}

double length(const double* lanes) { return std::sqrt(lane_tree(lanes)) * kSumRoom; }

}  // namespace

ResidualFrame::ResidualFrame(const Side& gallery, std::span<const double> scale,
                             std::span<const int32_t> rows, Similarity similarity)
    : centre_(static_cast<size_t>(gallery.padded())), similarity_(similarity) {
  const size_t count = std::min({kSample, rows.size(), kSampleValues / centre_.size()});
  std::vector<std::vector<double>> sample(count, std::vector<double>(centre_.size()));
  std::vector<double> norms(count);
  for (size_t t = 0; t < count; ++t) {
    const int32_t row = rows[t * rows.size() / count];
    gallery.condition(row, sample[t].data());
    const double c = scale.empty() ? 1.0 : scale[static_cast<size_t>(row)];
    for (double& value : sample[t]) value *= c;
    norms[t] = norm(sample[t]);
  }
  // The mean row, where rows longer than the median count as if they were as long as it.
  const double usual = median(norms);
  for (size_t t = 0; t < count; ++t) {
    const double weight = norms[t] > usual ? usual / norms[t] : 1.0;
    for (size_t f = 0; f < centre_.size(); ++f) centre_[f] += weight * sample[t][f];
  }
  for (double& value : centre_) value /= static_cast<double>(count);
  centre_norm_ = norm(centre_) * kSumRoom;

  for (size_t t = 0; t < count; ++t) {
    for (size_t f = 0; f < centre_.size(); ++f) sample[t][f] -= centre_[f];
    norms[t] = norm(sample[t]);
  }
  double typical = median(norms);
  if (typical == 0) typical = *std::max_element(norms.begin(), norms.end());
  if (typical > 0) unit_ = std::ldexp(1.0, std::clamp(-std::ilogb(typical), -300, 300));
}

bool ResidualFrame::residual(const Side& side, double scale, int64_t i, double* room, float* out,
                             int64_t step, ResidualNorms& norms) const {
  side.condition(i, room);
  double whole[kLanes] = {};
  double kept[kLanes] = {};
  double lost[kLanes] = {};
  double full[kLanes] = {};
  double along[kLanes] = {};
  for (int64_t f = 0; f < side.padded(); f += kLanes) {
    for (int64_t l = 0; l < kLanes; ++l) {
      const double z = scale * room[f + l];
      const double m = centre_[static_cast<size_t>(f + l)];
      const double r = (z - m) * unit_;
      const auto rounded = static_cast<float>(r);
      const double stored = std::fabs(rounded) < kSmallestNormal ? 0.0 : double{rounded};
      whole[l] += r * r;
      kept[l] += stored * stored;
      lost[l] += (r - stored) * (r - stored);
      full[l] += z * z;
      along[l] += m * r;
      room[f + l] = stored;
    }
  }
  norms.error = length(lost);
  norms.norm = std::max(length(whole), length(kept));
  norms.reach = (length(full) + centre_norm_) * unit_;
  norms.offset =
      similarity_ == Similarity::euclidean ? -0.5 * lane_tree(whole) : lane_tree(along) * unit_;
  const bool usable = norms.norm <= kLargest && norms.reach <= kLargestTerm &&
                      std::fabs(norms.offset) <= kLargestTerm;
  for (int64_t f = 0; f < side.x().cols(); ++f) {
    out[f * step] = usable ? static_cast<float>(room[f]) : 0.0F;
  }
  return usable;
}

}  // namespace consilience::kernels::cpu
