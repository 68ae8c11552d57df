#include "engine/inference/calibration.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/inference/null_summary.h"
#include "engine/metrics/metric.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// Of values where larger is closer.
double threshold_of(double value, std::span<const double> null, double sign, double alpha) {
  std::vector<double> all = {sign * value};
  for (const double other : null) all.push_back(sign * other);
  constexpr double kRounding = 1e-9;  // 0.95 * 200 must not become the 191st of 200
  const auto count = static_cast<double>(all.size());
  const double place = std::clamp(std::ceil((1 - alpha) * count - kRounding), 1.0, count);
  const auto at = all.begin() + static_cast<ptrdiff_t>(place) - 1;
  std::ranges::nth_element(all, at);
  return sign * *at;
}

std::optional<double> best_value(const std::string& metric) {
  const MetricInfo& info = metric_info(metric);
  const double best = info.larger_is_closer ? info.highest : info.lowest;
  return std::isfinite(best) ? std::optional(best) : std::nullopt;
}

}  // namespace

Calibration calibrate(double value, std::span<const double> null, double alpha,
                      std::optional<double> best, bool larger_is_closer) {
  expect(alpha > 0 && alpha < 1, "alpha = {}; expected a number between 0 and 1", alpha);
  const auto is_nan = [](double x) { return std::isnan(x); };
  if (null.empty() || is_nan(value) || std::ranges::any_of(null, is_nan)) return {};
  const double sign = larger_is_closer ? 1 : -1;
  const NullSummary summary = summarise_null(value, null, larger_is_closer);
  Calibration out;
  out.p = summary.p;
  out.threshold = threshold_of(value, null, sign, alpha);
  out.z = sign * (value - summary.mean) / summary.sd;
  const double above = sign * (value - out.threshold);
  out.calibrated = std::max(0.0, above);
  if (!best) return out;
  const double room = sign * (*best - out.threshold);
  out.calibrated = above <= 0 ? 0 : std::min(1.0, above / room);
  out.corrected = (value - summary.mean) / (*best - summary.mean);
  return out;
}

void calibrate(const PairScore& score, double alpha, PairInference& out) {
  const Calibration calibration = calibrate(score.maximum, out.null_maxima, alpha,
                                            best_value(score.metric.name), score.larger_is_closer);
  out.threshold = calibration.threshold;
  out.calibrated = calibration.calibrated;
  out.corrected = calibration.corrected;
  out.z = calibration.z;
}

}  // namespace consilience::engine
