#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/scale.h"
#include "engine/types/ladder.h"

namespace consilience::engine {

/// The rung of that key; null where the ladder has none.
[[nodiscard]] const LadderRung* find_rung(const Ladder& ladder, std::string_view key);
/// Its value, NaN where it has none.
[[nodiscard]] double rung_value(const Ladder& ladder, std::string_view key);

/// "random weights"; "" where no baseline has a value.
[[nodiscard]] std::string highest_name(const Ladder& ladder);

/// A scale over all values and intervals of a ladder.
[[nodiscard]] Scale ladder_scale(const Ladder& ladder);

/// ".171 – .197"; "" without an interval.
[[nodiscard]] std::string interval_text(double lo, double hi);

/// Where the score would stand with this excess over the highest baseline.
[[nodiscard]] double beyond_highest(const Ladder& ladder, double excess);

/// The part of the score that the highest baseline reaches too: [0, this]; 0 where it can't be
/// shown as a part of the score's bar (a distance, a baseline below 0, no excess).
[[nodiscard]] double shared_part(const Ladder& ladder);

/// The ladders by their excess, the largest first; those without one last, in their own order.
[[nodiscard]] std::vector<const Ladder*> by_excess(const std::vector<Ladder>& ladders);

}  // namespace consilience::engine
