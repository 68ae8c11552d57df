#include "engine/report/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/format.h"

namespace consilience::engine {
namespace {

/// Steps of 1, 2 or 5 times a power of ten that cover `span` in at most five.
double tick_step(double span) {
  const double base = std::pow(10.0, std::floor(std::log10(span)));
  for (const double factor : {.1, .2, .5})
    if (span <= 5 * factor * base) return factor * base;
  return span <= 5 * base ? base : 2 * base;
}

}  // namespace

double Scale::place(double value) const {
  return high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.0;
}

std::vector<double> Scale::ticks() const {
  std::vector<double> out;
  const auto first = std::llround(low / step), last = std::llround(high / step);
  for (auto i = first; i <= last; ++i) out.push_back(static_cast<double>(i) * step);
  return out;
}

Scale scale_over(const std::vector<double>& values) {
  double low = 0, high = 0;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const double span = high - low;
  if (!(span > 1e-300) || !std::isfinite(span)) return {};
  const double step = tick_step(span);
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, step};
}

std::string tick_text(double value, double step) {
  if (std::abs(value) < step / 2) return "0";
  const double digits = std::ceil(-std::log10(step) - 1e-9);
  if (digits > 3 || std::abs(value) >= 1000) return score_text(value);
  std::string text = fmt::format("{:.{}f}", std::abs(value), std::max(0, static_cast<int>(digits)));
  if (text.starts_with("0.")) text.erase(0, 1);
  return (value < 0 ? "−" : "") + text;
}

}  // namespace consilience::engine
