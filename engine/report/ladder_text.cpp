#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/ladder_parts.h"
#include "engine/report/tables.h"

namespace consilience::engine {
namespace {

constexpr int kCells = 30;
constexpr int64_t kValue = 7, kWidth = 96, kFrom = 56;

int64_t cell_of(double value, const Scale& scale) {
  return std::llround(scale.place(value) * kCells);
}

/// `text` in place of the cells between two values, at least one where they differ.
void paint(std::vector<std::string>& cells, double from, double to, const Scale& scale,
           const char* text) {
  int64_t left = cell_of(from, scale), right = cell_of(to, scale);
  if (left > right) std::swap(left, right);
  if (left == right && from != to) right = std::min<int64_t>(left + 1, kCells);
  for (auto at = left; at < right; ++at) cells[static_cast<size_t>(at)] = text;
}

std::string bar(const Ladder& ladder, const LadderRung& rung, const Scale& scale) {
  std::vector<std::string> cells(kCells, " ");
  if (!std::isnan(rung.value)) paint(cells, 0, rung.value, scale, "█");
  if (rung.key == "score") paint(cells, 0, shared_part(ladder), scale, "▒");
  std::string out;
  for (const auto& cell : cells) out += cell;
  return out;
}

std::string remark(const Ladder& ladder, const LadderRung& rung) {
  if (std::isnan(rung.value)) return rung.missing;
  if (rung.key == "score") return interval_text(rung.lo, rung.hi);
  const std::string from = shorten(rung.from, kFrom);
  if (rung.key != ladder.highest) return from;
  return from + (ladder.larger_is_closer ? "  <- highest baseline" : "  <- smallest baseline");
}

}  // namespace

std::string ladder_text(const Ladder& ladder) {
  const Scale scale = ladder_scale(ladder);
  const std::string excess =
      ladder.highest.empty() ? "excess" : "excess over " + highest_name(ladder);
  int64_t wide = text_width(excess);
  for (const auto& rung : ladder.rungs) wide = std::max(wide, text_width(rung.name));
  const auto line = [&](const std::string& name, double value, const std::string& cells,
                        const std::string& beside) {
    std::string text = "  " + left_aligned(name, wide) + right_aligned(score_text(value), kValue) +
                       "  " + left_aligned(cells, kCells) + "  " + clean_utf8(beside);
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
  };
  std::string out = fmt::format("{} x {}\n{}{}\n\n", clean_utf8(ladder.model_a),
                                clean_utf8(ladder.model_b), clean_utf8(ladder.metric),
                                ladder.larger_is_closer ? "" : "  (a distance: smaller is closer)");
  for (const auto& rung : ladder.rungs)
    out += line(rung.name, rung.value, bar(ladder, rung, scale), remark(ladder, rung));
  const std::string interval = interval_text(ladder.excess_lo, ladder.excess_hi);
  out += line(excess, ladder.excess, "", interval.empty() ? ladder.excess_missing : interval);
  if (!std::isnan(ladder.instances)) out += line("left for instances", ladder.instances, "", "");
  return out + '\n' + wrapped(clean_utf8(ladder.wording), kWidth, "  ");
}

}  // namespace consilience::engine
