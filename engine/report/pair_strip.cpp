#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

constexpr double kInset = 15, kLength = 170, kWidth = 200;

double place(double value, double right) {
  return kInset + (right > 0 ? std::clamp(value / right, 0.0, 1.0) : 0.0) * kLength;
}

}  // namespace

double tick_step(double largest) {
  if (!(largest > 0) || std::isinf(largest)) return 1;
  const double base = std::pow(10.0, std::floor(std::log10(largest)));
  for (const double factor : {.1, .2, .5})
    if (largest <= 5 * factor * base) return factor * base;
  return largest <= 5 * base ? base : 2 * base;
}

double strip_end(double largest) {
  const double step = tick_step(largest);
  return std::max(step, std::ceil(largest / step - 1e-9) * step);
}

std::string pair_strip(const PairView& pair, double chance, double baseline, double right) {
  const auto& inference = pair.pair->inference;
  std::string out = fmt::format(
      R"(<svg class="strip" viewBox="0 0 {} 20" role="img"><title>{}, interval {} to {}, largest null {}, highest baseline {}</title>)",
      kWidth, score_text(pair.value()), score_text(inference.lo), score_text(inference.hi),
      score_text(inference.null_largest), score_text(baseline));
  out += fmt::format(R"(<path class="grid" d="M{:.1f} 10H{:.1f}"/>)", kInset, kInset + kLength);
  if (!std::isnan(inference.null_largest)) {
    const double from = place(inference.null_mean, right);
    const double to = place(inference.null_largest, right);
    out += fmt::format(R"(<rect class="band" x="{:.1f}" y="3" width="{:.1f}" height="14"/>)", from,
                       std::max(2.0, to - from));
  }
  out += fmt::format(R"(<path class="chance" d="M{0:.1f} 2V18"/>)", place(chance, right));
  if (!std::isnan(inference.lo))
    out += fmt::format(R"(<path class="span" d="M{:.1f} 10H{:.1f}"/>)", place(inference.lo, right),
                       place(inference.hi, right));
  if (!std::isnan(baseline))
    out += fmt::format(R"(<path class="base" d="M{:.1f} 10l5 -5 5 5 -5 5z"/>)",
                       place(baseline, right) - 5);
  out +=
      fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="10" r="4"/>)", place(pair.value(), right));
  return out + "</svg>";
}

std::string strip_axis(double right) {
  std::string out =
      fmt::format(R"(<svg class="strip" viewBox="0 0 {} 18" aria-hidden="true">)", kWidth);
  const double step = tick_step(right);
  for (int i = 0; i * step <= right * 1.0001; ++i) {
    const double x = place(i * step, right);
    out += fmt::format(R"(<text x="{:.1f}" y="10" text-anchor="middle">{}</text>)", x,
                       i == 0 ? "0" : score_text(i * step));
    out += fmt::format(R"(<path class="tick" d="M{0:.1f} 13V17"/>)", x);
  }
  return out + "</svg>";
}

}  // namespace consilience::engine
