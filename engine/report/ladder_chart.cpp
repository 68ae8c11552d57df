#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/ladder_parts.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

// Tracks are as wide as the page lets them be, so everything in them is placed in per cent; a
// little room at both ends keeps strokes whole.
constexpr double kInset = 1.5;

double percent(double value, const Scale& scale) {
  return kInset + scale.place(value) * (100 - 2 * kInset);
}

std::string bar(const char* kind, double from, double to, const Scale& scale) {
  const auto [left, right] = std::minmax({percent(from, scale), percent(to, scale)});
  return fmt::format(R"(<rect class="{}" x="{:.2f}%" y="-9" width="{:.2f}%" height="18"/>)", kind,
                     left, std::max(.25, right - left));
}

std::string whisker(double lo, double hi, const Scale& scale) {
  if (std::isnan(lo) || std::isnan(hi)) return "";
  const double left = percent(lo, scale), right = percent(hi, scale);
  std::string out;
  for (const char* kind : {"under", "over"})
    out += fmt::format(
        R"(<g class="{0}"><line x1="{1:.2f}%" x2="{2:.2f}%"/><line x1="{1:.2f}%" x2="{1:.2f}%" y1="-5" y2="5"/><line x1="{2:.2f}%" x2="{2:.2f}%" y1="-5" y2="5"/></g>)",
        kind, left, right);
  return out;
}

std::string upright(const char* kind, double value, const Scale& scale, int from = 0) {
  return fmt::format(R"(<line class="{0}" x1="{1:.2f}%" x2="{1:.2f}%" y1="{2}%" y2="100%"/>)", kind,
                     percent(value, scale), from);
}

std::string row(const std::string& kind, const std::string& what, const std::string& beneath,
                const std::string& value, const std::string& beside, const std::string& uprights,
                const std::string& drawing) {
  const auto small = [](const std::string& text) {
    return text.empty() ? "" : fmt::format("<small>{}</small>", escape_html(text));
  };
  return fmt::format(
      "<li class=\"{}\"><span class=\"what\">{}{}</span><span class=\"track\"><svg "
      "aria-hidden=\"true\">{}<svg y=\"50%\" overflow=\"visible\">{}</svg></svg></span><span "
      "class=\"value\">{}{}</span></li>\n",
      kind, escape_html(what), small(beneath), uprights, drawing, escape_html(value),
      small(beside));
}

/// "a × b": as the page writes pairs.
std::string with_times(std::string pair) {
  const auto at = pair.find(" x ");
  return at == std::string::npos ? pair : pair.replace(at, 3, " × ");
}

std::string rung_row(const Ladder& ladder, const LadderRung& rung, const Scale& scale,
                     bool below_highest) {
  const bool highest = rung.key == ladder.highest;
  std::string uprights = upright("zero", 0, scale);
  if (below_highest)
    uprights += upright("guide", rung_value(ladder, ladder.highest), scale, highest ? 50 : 0);
  if (std::isnan(rung.value))
    return row(rung.key + " missing", rung.name, rung.missing, "—", "", uprights,
               R"(<line class="none" x1="1.5%" x2="98.5%"/>)");
  std::string beside = interval_text(rung.lo, rung.hi), beneath = with_times(rung.from);
  if (highest)
    beneath += ladder.larger_is_closer ? " · the highest baseline" : " · the smallest baseline";
  std::string drawing = bar(highest ? "high" : "fill", 0, rung.value, scale);
  if (rung.key == "score" && shared_part(ladder) > 0)
    drawing += bar("shared", 0, shared_part(ladder), scale);
  if (rung.key == "classes" && !std::isnan(ladder.instances)) {
    drawing += bar("left", rung.value, rung_value(ladder, "score"), scale);
    beside = "leaves " + score_text(ladder.instances);
  }
  return row(rung.key, rung.name, beneath, score_text(rung.value), beside, uprights,
             drawing + whisker(rung.lo, rung.hi, scale));
}

std::string excess_row(const Ladder& ladder, const Scale& scale) {
  if (std::isnan(ladder.excess))
    return row("excess missing", "excess", ladder.excess_missing, "—", "", "", "");
  const auto at = [&](double excess) { return beyond_highest(ladder, excess); };
  return row("excess", "excess over " + highest_name(ladder), ladder.excess_missing,
             score_text(ladder.excess), interval_text(ladder.excess_lo, ladder.excess_hi),
             upright("zero", 0, scale) + upright("guide", at(0), scale),
             bar(ladder.excess > 0 ? "fill" : "short", at(0), at(ladder.excess), scale) +
                 whisker(at(ladder.excess_lo), at(ladder.excess_hi), scale));
}

std::string axis_row(const Scale& scale) {
  std::string drawing;
  for (const double tick : scale.ticks()) {
    const double x = percent(tick, scale);
    const std::string text = tick_text(tick, scale.step);
    const bool narrow = text == "0";
    const char* anchor = narrow || (x > 5 && x < 95) ? "middle" : x < 50 ? "start" : "end";
    drawing += fmt::format(
        R"(<line class="tick" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="5"/><text x="{0:.2f}%" y="17" text-anchor="{1}">{2}</text>)",
        x, anchor, text);
  }
  return fmt::format(
      "<li class=\"scale\" aria-hidden=\"true\"><span class=\"what\"></span><span "
      "class=\"track\"><svg>{}</svg></span><span class=\"value\"></span></li>\n",
      drawing);
}

}  // namespace

std::string ladder_chart(const Ladder& ladder) {
  const Scale scale = ladder_scale(ladder);
  std::string rows;
  bool below_highest = false;
  for (const auto& rung : ladder.rungs) {
    below_highest |= rung.key == ladder.highest;
    rows += rung_row(ladder, rung, scale, below_highest);
  }
  rows += excess_row(ladder, scale) + axis_row(scale);
  return fmt::format(
      "<figure class=\"ladder\"><figcaption><strong>{} × {}</strong><br>{}{}</figcaption>\n"
      "<ol>\n{}</ol></figure>\n",
      escape_html(ladder.model_a), escape_html(ladder.model_b), escape_html(ladder.metric),
      ladder.larger_is_closer ? "" : "; a distance: smaller is closer", rows);
}

}  // namespace consilience::engine
