#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

constexpr double kInset = 15, kLength = 170, kWidth = 200;

double place(double value, const Scale& scale) { return kInset + scale.place(value) * kLength; }

}  // namespace

std::string pair_strip(const PairView& pair, double chance, double baseline, const Scale& scale) {
  const auto& inference = pair.pair->inference;
  std::string out = fmt::format(
      R"(<svg class="strip" viewBox="0 0 {} 20" role="img"><title>{}, interval {} to {}, furthest null {}, baseline {}</title>)",
      kWidth, score_text(pair.value()), score_text(inference.lo), score_text(inference.hi),
      score_text(inference.null_largest), score_text(baseline));
  out += fmt::format(R"(<path class="grid" d="M{:.1f} 10H{:.1f}"/>)", kInset, kInset + kLength);
  if (!std::isnan(inference.null_largest)) {
    const auto [from, to] =
        std::minmax({place(inference.null_mean, scale), place(inference.null_largest, scale)});
    out += fmt::format(R"(<rect class="band" x="{:.1f}" y="3" width="{:.1f}" height="14"/>)", from,
                       std::max(2.0, to - from));
  }
  if (!std::isnan(chance))
    out += fmt::format(R"(<path class="chance" d="M{0:.1f} 2V18"/>)", place(chance, scale));
  if (!std::isnan(inference.lo))
    out += fmt::format(R"(<path class="span" d="M{:.1f} 10H{:.1f}"/>)", place(inference.lo, scale),
                       place(inference.hi, scale));
  if (!std::isnan(baseline))
    out += fmt::format(R"(<path class="base" d="M{:.1f} 10l5 -5 5 5 -5 5z"/>)",
                       place(baseline, scale) - 5);
  out +=
      fmt::format(R"(<circle class="dot" cx="{:.1f}" cy="10" r="4"/>)", place(pair.value(), scale));
  return out + "</svg>";
}

std::string strip_axis(const Scale& scale) {
  std::string out =
      fmt::format(R"(<svg class="strip" viewBox="0 0 {} 18" aria-hidden="true">)", kWidth);
  for (const double tick : scale.ticks()) {
    const double x = place(tick, scale);
    out += fmt::format(R"(<text x="{:.1f}" y="10" text-anchor="middle">{}</text>)", x,
                       tick_text(tick, scale.step));
    out += fmt::format(R"(<path class="tick" d="M{0:.1f} 13V17"/>)", x);
  }
  return out + "</svg>";
}

}  // namespace consilience::engine
