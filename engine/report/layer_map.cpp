#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/page_style.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

// The drawing in user units: a square plot with room for ticks and axis names.
constexpr double kLeft = 38, kTop = 6, kSide = 196, kWidth = 240, kHeight = 240;

int heat_step(double value, const HeatScale& scale) {
  if (!(scale.high > scale.low)) return 0;
  const double up = (value - scale.low) / (scale.high - scale.low);
  const double step = std::floor((scale.larger_is_closer ? up : 1 - up) * kHeatSteps);
  return static_cast<int>(std::clamp(step, 0.0, kHeatSteps - 1.0));
}

/// One path a colour; equal neighbours in a row are one rectangle.
std::string cells(const PairView& pair, const HeatScale& scale) {
  std::array<std::string, kHeatSteps + 1> paths;
  const auto rows = static_cast<int64_t>(pair.layers_a().size());
  const auto columns = static_cast<int64_t>(pair.layers_b().size());
  const auto step = [&](int64_t i, int64_t j) {
    const double value = pair.cell(i, j);
    return std::isnan(value) ? kHeatSteps : heat_step(value, scale);
  };
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns;) {
      int64_t end = j + 1;
      while (end < columns && step(i, end) == step(i, j)) ++end;
      paths[static_cast<size_t>(step(i, j))] += fmt::format("M{} {}h{}v1H{}z", j, i, end - j, j);
      j = end;
    }
  std::string out;
  for (int s = 0; s <= kHeatSteps; ++s) {
    const auto& path = paths[static_cast<size_t>(s)];
    const std::string name = s == kHeatSteps ? "hx" : fmt::format("h{}", s);
    if (!path.empty()) out += fmt::format(R"(<path class="{}" d="{}"/>)", name, path);
  }
  return out;
}

/// Every `step`-th layer, counted from 0.
int64_t label_step(int64_t layers) {
  for (const int64_t step : {1, 2, 5, 10, 20, 50})
    if (layers <= 7 * step) return step;
  return 100;
}

std::string ticks(int64_t rows, int64_t columns) {
  std::string out;
  for (int64_t i = 0; i < rows; i += label_step(rows))
    out += fmt::format(R"(<text x="{}" y="{:.1f}" text-anchor="end">{}</text>)", kLeft - 5,
                       kTop + kSide * (static_cast<double>(i) + .5) / static_cast<double>(rows) + 4,
                       i);
  for (int64_t j = 0; j < columns; j += label_step(columns))
    out += fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>)",
                       kLeft + kSide * (static_cast<double>(j) + .5) / static_cast<double>(columns),
                       kTop + kSide + 14, j);
  return out;
}

std::string best_layer(const std::vector<std::string>& layers, int64_t at) {
  return layers[static_cast<size_t>(at)];
}

std::string values_attribute(const PairView& pair) {
  std::string out;
  for (int64_t i = 0; i < static_cast<int64_t>(pair.layers_a().size()); ++i)
    for (int64_t j = 0; j < static_cast<int64_t>(pair.layers_b().size()); ++j) {
      if (i + j > 0) out += ' ';
      if (!std::isnan(pair.cell(i, j))) out += score_text(pair.cell(i, j));
    }
  return out;
}

}  // namespace

std::string heat_class(double value, const HeatScale& scale) {
  return std::isnan(value) ? "hx" : fmt::format("h{}", heat_step(value, scale));
}

std::string heat_legend(const HeatScale& scale, bool maps) {
  std::string swatches;
  for (int s = 0; s < kHeatSteps; ++s)
    swatches += fmt::format(R"(<rect class="swatch h{}" x="{}" width="12" height="12"/>)",
                            scale.larger_is_closer ? s : kHeatSteps - 1 - s, s * 12);
  std::string out = fmt::format(
      R"(<div class="legend"><span>{2}{3} <svg width="{0}" height="12" viewBox="0 0 {0} 12" aria-hidden="true">{1}</svg> {4}</span>)",
      kHeatSteps * 12, swatches, scale.cut ? "≤ " : "",
      scale.low == 0 ? "0" : score_text(scale.low), score_text(scale.high));
  if (maps)
    out +=
        R"(<span><svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true"><circle class="mark" cx="8" cy="8" r="5"/></svg>)" +
        std::string(extreme(scale.larger_is_closer)) +
        "</span>"
        R"(<span><svg width="12" height="12" aria-hidden="true"><rect class="swatch hx" width="12" height="12"/></svg>undefined</span>)";
  return out + "</div>\n";
}

std::string layer_map(const PairView& pair, const HeatScale& scale) {
  const auto rows = static_cast<int64_t>(pair.layers_a().size());
  const auto columns = static_cast<int64_t>(pair.layers_b().size());
  const std::string title = fmt::format("{} × {}", pair.a->name, pair.b->name);
  std::string best = "No layer pair is defined: " + pair.pair->score.reason;
  std::string ring;
  if (pair.defined()) {
    best = fmt::format("{} {} at {} × {}", extreme(pair.pair->score.larger_is_closer),
                       score_text(pair.value()), best_layer(pair.layers_a(), pair.best_a()),
                       best_layer(pair.layers_b(), pair.best_b()));
    const double x =
        kLeft + kSide * (static_cast<double>(pair.best_b()) + .5) / static_cast<double>(columns);
    const double y =
        kTop + kSide * (static_cast<double>(pair.best_a()) + .5) / static_cast<double>(rows);
    ring = fmt::format(
        R"(<circle class="halo" cx="{0:.1f}" cy="{1:.1f}" r="6"/><circle class="mark" cx="{0:.1f}" cy="{1:.1f}" r="6"/>)",
        x, y);
  }
  std::string out = fmt::format(
      R"(<figure class="map" data-a="{}" data-b="{}" data-v="{}"><svg viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{} by {} layers, {}</desc>)",
      escape_html(pair.a->name), escape_html(pair.b->name), values_attribute(pair), kWidth, kHeight,
      escape_html(title), rows, columns, escape_html(best));
  out += fmt::format(
      R"(<svg class="plot" x="{}" y="{}" width="{}" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none" shape-rendering="crispEdges">{}</svg>)",
      kLeft, kTop, kSide, kSide, columns, rows, cells(pair, scale));
  out += fmt::format(R"(<rect class="frame" x="{}" y="{}" width="{}" height="{}"/>)", kLeft, kTop,
                     kSide, kSide);
  out += ring + ticks(rows, columns);
  out += fmt::format(R"(<text class="name" x="{}" y="{}" text-anchor="middle">{}</text>)",
                     kLeft + kSide / 2, kHeight - 7, escape_html(shorten(pair.b->name, 24)));
  out += fmt::format(
      R"svg(<text class="name" transform="translate(12 {}) rotate(-90)" text-anchor="middle">{}</text>)svg",
      kTop + kSide / 2, escape_html(shorten(pair.a->name, 24)));
  out += fmt::format(
      R"(</svg><figcaption><strong>{}</strong><br>{}<span class="read"></span></figcaption></figure>)",
      escape_html(title), escape_html(best));
  return out + "\n";
}

}  // namespace consilience::engine
