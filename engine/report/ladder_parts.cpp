#include "engine/report/ladder_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/report/format.h"

namespace consilience::engine {

const LadderRung* find_rung(const Ladder& ladder, std::string_view key) {
  const auto found = std::ranges::find(ladder.rungs, key, &LadderRung::key);
  return found == ladder.rungs.end() ? nullptr : &*found;
}

double rung_value(const Ladder& ladder, std::string_view key) {
  const auto* rung = find_rung(ladder, key);
  return rung == nullptr ? kUnknown : rung->value;
}

std::string highest_name(const Ladder& ladder) {
  const auto* rung = find_rung(ladder, ladder.highest);
  return rung == nullptr ? "" : rung->name;
}

double beyond_highest(const Ladder& ladder, double excess) {
  return rung_value(ladder, ladder.highest) + (ladder.larger_is_closer ? excess : -excess);
}

double shared_part(const Ladder& ladder) {
  if (!ladder.larger_is_closer || !(ladder.excess > 0)) return 0;
  return std::max(0.0, rung_value(ladder, ladder.highest));
}

Scale ladder_scale(const Ladder& ladder) {
  std::vector<double> shown;
  for (const auto& rung : ladder.rungs)
    for (const double value : {rung.value, rung.lo, rung.hi}) shown.push_back(value);
  for (const double excess : {ladder.excess_lo, ladder.excess_hi})
    shown.push_back(beyond_highest(ladder, excess));
  return scale_over(shown);
}

std::string interval_text(double lo, double hi) {
  if (std::isnan(lo) || std::isnan(hi)) return "";
  return score_text(lo) + " – " + score_text(hi);
}

std::vector<const Ladder*> by_excess(const std::vector<Ladder>& ladders) {
  std::vector<const Ladder*> out;
  for (const auto& ladder : ladders) out.push_back(&ladder);
  const auto rank = [](const Ladder* ladder) {
    return std::isnan(ladder->excess) ? std::numeric_limits<double>::infinity() : -ladder->excess;
  };
  std::ranges::stable_sort(out, {}, rank);
  return out;
}

}  // namespace consilience::engine
