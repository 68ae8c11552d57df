#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/page_style.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

// The drawing in user units; labels stand to the right of the lines, model names below.
constexpr double kLeft = 42, kTop = 26, kPlotWidth = 310, kPlotHeight = 220, kWidth = 545;
constexpr double kLabelX = kLeft + kPlotWidth + 14, kLabelGap = 14, kDodge = 7;
constexpr double kCharacter = 6.3;  // width of a letter at 11 px, generous

struct Axes {
  bool log = false;
  double x_low = 0, x_high = 1;
  Scale scale;  // of y

  [[nodiscard]] double x(double value) const {
    const double at = log ? std::log(value) : value;
    return kLeft + kPlotWidth * (x_high > x_low ? (at - x_low) / (x_high - x_low) : .5);
  }
  [[nodiscard]] double y(double value) const {
    return kTop + kPlotHeight * (1 - scale.place(value));
  }
};

Axes axes_of(const FamilyChart& chart) {
  Axes axes;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::vector<double> shown = chart.null_largest;
  for (const auto* line : chart.lines)
    for (const auto& point : line->points) {
      low = std::min(low, point.x);
      high = std::max(high, point.x);
      for (const double y : {point.value, point.lo, point.hi, point.random_twin, point.null_mean})
        shown.push_back(y);
    }
  axes.log = low > 0;
  axes.x_low = axes.log ? std::log(low) : low;
  axes.x_high = axes.log ? std::log(high) : high;
  const double margin = .07 * (axes.x_high - axes.x_low);
  axes.x_low -= margin;
  axes.x_high += margin;
  axes.scale = scale_over(shown);
  return axes;
}

std::string y_axis(const Axes& axes) {
  std::string out;
  for (const double tick : axes.scale.ticks()) {
    const std::string text = tick_text(tick, axes.scale.step);
    out += fmt::format(
        R"(<path class="{}" d="M{} {:.1f}H{}"/><text x="{}" y="{:.1f}" text-anchor="end">{}</text>)",
        text == "0" ? "axis" : "grid", kLeft, axes.y(tick), kLeft + kPlotWidth, kLeft - 7,
        axes.y(tick) + 4, text);
  }
  return out;
}

/// Names under their points, in as many rows as keep them apart; returns the rows used.
int x_axis(const Axes& axes, const FamilyChart& chart, std::string& out) {
  std::vector<std::pair<double, std::string>> points;  // x, model
  for (const auto* line : chart.lines)
    for (const auto& point : line->points) points.emplace_back(point.x, point.model);
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  constexpr double kBottom = kTop + kPlotHeight;
  double number_end = -1e9;
  std::array<double, 4> ends{-1e9, -1e9, -1e9, -1e9};
  int rows = 0;
  for (const auto& [value, model] : points) {
    const double x = axes.x(value);
    out += fmt::format(R"(<path class="tick" d="M{0:.1f} {1}V{2}"/>)", x, kBottom, kBottom + 4);
    const std::string number = quantity_text(value);
    const double half = static_cast<double>(text_width(number)) * kCharacter / 2;
    if (x - half > number_end) {
      out += fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>)", x,
                         kBottom + 16, number);
      number_end = x + half + 6;
    }
    const std::string name = shorten(model, 28);
    const double width = static_cast<double>(text_width(name)) * kCharacter;
    const double left = std::clamp(x - width / 2, 2.0, std::max(2.0, kWidth - width - 2));
    for (size_t row = 0; row < ends.size(); ++row) {
      if (left <= ends[row]) continue;
      out += fmt::format(R"(<text class="name" x="{:.1f}" y="{}" text-anchor="middle">{}</text>)",
                         left + width / 2, kBottom + 32 + 14 * static_cast<double>(row),
                         escape_html(name));
      ends[row] = left + width + 8;
      rows = std::max(rows, static_cast<int>(row) + 1);
      break;
    }
  }
  return rows;
}

/// y of the largest null (of a distance: the smallest), at least 1.5 from its mean.
double far_edge(const Axes& axes, const std::array<double, 3>& x_mean_furthest) {
  const double mean = axes.y(x_mean_furthest[1]), furthest = axes.y(x_mean_furthest[2]);
  return furthest > mean ? std::max(furthest, mean + 1.5) : std::min(furthest, mean - 1.5);
}

/// From the null mean to the furthest null of all lines at each x.
std::string null_band(const Axes& axes, const FamilyChart& chart, double& label_y) {
  std::vector<std::array<double, 3>> band;  // x, mean, largest
  size_t at = 0;
  for (const auto* line : chart.lines)
    for (const auto& point : line->points) {
      const double largest = chart.null_largest[at++];
      if (std::isnan(point.null_mean)) continue;
      const double top = std::isnan(largest) ? point.null_mean : largest;
      const auto same =
          std::find_if(band.begin(), band.end(), [&](const auto& b) { return b[0] == point.x; });
      if (same == band.end())
        band.push_back({point.x, point.null_mean, top});
      else
        *same = chart.larger_is_closer ? std::array{point.x, std::min((*same)[1], point.null_mean),
                                                    std::max((*same)[2], top)}
                                       : std::array{point.x, std::max((*same)[1], point.null_mean),
                                                    std::min((*same)[2], top)};
    }
  if (band.empty()) return "";
  std::sort(band.begin(), band.end());
  label_y = axes.y((band.back()[1] + band.back()[2]) / 2);
  band.insert(band.begin(), {band.front()[0], band.front()[1], band.front()[2]});
  std::string upper, lower;
  for (size_t i = 0; i < band.size(); ++i) {
    double x = axes.x(band[i][0]);
    if (i == 0) x = kLeft;
    upper += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", x, far_edge(axes, band[i]));
    lower = fmt::format("L{:.1f} {:.1f}", x, axes.y(band[i][1])) + lower;
  }
  const auto& last = band.back();
  return fmt::format(R"(<path class="band" d="{}L{} {:.1f}L{} {:.1f}{}z"/>)", upper,
                     kLeft + kPlotWidth, far_edge(axes, last), kLeft + kPlotWidth, axes.y(last[1]),
                     lower);
}

std::string marker(size_t shape, double x, double y, const char* kind) {
  switch (shape % 4) {
    case 0:
      return fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="4.2"/>)", kind, x, y);
    case 1:
      return fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="8" height="8"/>)", kind,
                         x - 4, y - 4);
    case 2:
      return fmt::format(R"(<path class="{}" d="M{:.1f} {:.1f}l5 9h-10z"/>)", kind, x, y - 5.5);
    default:
      return fmt::format(R"(<path class="{}" d="M{:.1f} {:.1f}l5 5 -5 5 -5 -5z"/>)", kind, x,
                         y - 5);
  }
}

std::string series(const Axes& axes, const Curve& line, size_t index, double dodge) {
  std::string path, twin_path, bars, marks, twins;
  for (const auto& point : line.points) {
    const double x = axes.x(point.x) + dodge;
    if (!std::isnan(point.value)) {
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, axes.y(point.value));
      marks += marker(index, x, axes.y(point.value), "full");
    }
    if (!std::isnan(point.lo) && !std::isnan(point.hi))
      bars += fmt::format(R"(<path class="bar" d="M{:.1f} {:.1f}V{:.1f}"/>)", x, axes.y(point.lo),
                          axes.y(point.hi));
    if (!std::isnan(point.random_twin)) {
      twin_path += fmt::format("{}{:.1f} {:.1f}", twin_path.empty() ? "M" : "L", x,
                               axes.y(point.random_twin));
      twins += marker(index, x, axes.y(point.random_twin), "open");
    }
  }
  return fmt::format(
      R"(<g class="s{}"><path class="twin" d="{}"/>{}<path class="line" d="{}"/>{}{}</g>)",
      index % kSeriesColours, twin_path.empty() ? "M0 0" : twin_path, twins,
      path.empty() ? "M0 0" : path, bars, marks);
}

struct Label {
  double y, wanted;
  std::string text, colour;  // colour: a series class, "" for the muted ones
};

/// Pushes labels apart, keeping their order; they stay below `top`.
void separate(std::vector<Label>& labels) {
  std::sort(labels.begin(), labels.end(),
            [](const auto& a, const auto& b) { return a.wanted < b.wanted; });
  for (size_t i = 1; i < labels.size(); ++i)
    labels[i].y = std::max(labels[i].wanted, labels[i - 1].y + kLabelGap);
  const double lowest = kTop + kPlotHeight + 4;
  double limit = lowest;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, limit);
    limit = label->y - kLabelGap;
  }
}

std::string draw_labels(std::vector<Label> labels) {
  separate(labels);
  std::string out;
  for (const auto& label : labels) {
    const std::string text = fmt::format(
        R"(<path class="lead-line" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/><text x="{}" y="{:.1f}">{}</text>)",
        kLeft + kPlotWidth + 1, label.wanted, kLabelX - 3, label.y, kLabelX, label.y + 4,
        escape_html(label.text));
    out += label.colour.empty() ? text : fmt::format(R"(<g class="{}">{}</g>)", label.colour, text);
  }
  return out;
}

}  // namespace

std::string family_chart(const FamilyChart& chart) {
  const Axes axes = axes_of(chart);
  std::vector<Label> labels;
  double null_y = std::numeric_limits<double>::quiet_NaN();
  std::string body = null_band(axes, chart, null_y) + y_axis(axes);
  if (!std::isnan(null_y)) labels.push_back({null_y, null_y, "shuffled rows", ""});
  double twin_sum = 0;
  int twin_count = 0;
  const auto middle = static_cast<double>(chart.lines.size() - 1) / 2;
  for (size_t i = 0; i < chart.lines.size(); ++i) {
    const auto& line = *chart.lines[i];
    body += series(axes, line, i, (static_cast<double>(i) - middle) * kDodge);
    const auto& last = line.points.back();
    if (!std::isnan(last.random_twin)) {
      twin_sum += axes.y(last.random_twin);
      ++twin_count;
    }
    if (std::isnan(last.value)) continue;
    labels.push_back({axes.y(last.value), axes.y(last.value), shorten(line.partner, 21),
                      fmt::format("s{}", i % kSeriesColours)});
  }
  if (twin_count > 0)
    labels.push_back({twin_sum / twin_count, twin_sum / twin_count, "random twins", ""});
  body += draw_labels(std::move(labels));
  const int name_rows = x_axis(axes, chart, body);
  const double height = kTop + kPlotHeight + 46 + 14 * name_rows;
  const std::string x_label = chart.x_name == "params"          ? "parameters"
                              : chart.x_name == "bits_per_byte" ? "bits per byte, fewer is better"
                                                                : chart.x_name;
  const std::string x_title = x_label + (axes.log ? ", log scale" : "");
  std::string described;
  for (const auto* line : chart.lines)
    described += fmt::format("{}: {} at {} to {} at {}. ", line->partner,
                             score_text(line->points.front().value), line->points.front().model,
                             score_text(line->points.back().value), line->points.back().model);
  const std::string title = fmt::format("{}: {} against {}", chart.family, chart.metric, x_label);
  return fmt::format(
             R"(<figure class="chart" tabindex="0"><svg viewBox="0 0 {} {:.0f}" role="img"><title>{}</title><desc>{}</desc>)"
             R"(<text x="2" y="12">{} at its layer {}</text>{}<text x="{}" y="{:.0f}" text-anchor="middle">{}</text></svg>)"
             R"(<figcaption><strong>{}</strong>, one line for each partner</figcaption></figure>)",
             kWidth, height, escape_html(title), escape_html(described), escape_html(chart.metric),
             extreme(chart.larger_is_closer), body, kLeft + kPlotWidth / 2, height - 6,
             escape_html(x_title), escape_html(chart.family)) +
         "\n";
}

}  // namespace consilience::engine
