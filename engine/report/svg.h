#pragma once
#include <string>
#include <vector>

#include "engine/report/study_view.h"

namespace consilience::engine {

/// "h7": the step of the heat scale for value in [0, largest]; "hx" when undefined.
[[nodiscard]] std::string heat_class(double value, double largest);
/// The scale with its two ends; for maps also the ring and the colour of undefined cells.
[[nodiscard]] std::string heat_legend(double largest, bool maps);

/// A layer x layer map: rows are the layers of a from the top, columns those of b, the maximum
/// ringed.
[[nodiscard]] std::string layer_map(const PairView& pair, double largest);

/// A pair on one line from 0 to `right`: null, chance, baseline, value and interval.
[[nodiscard]] std::string pair_strip(const PairView& pair, double chance, double baseline,
                                     double right);
/// The end of the strips' scale: the first tick at or above `largest`.
[[nodiscard]] double strip_end(double largest);
/// The scale above the strips.
[[nodiscard]] std::string strip_axis(double right);

/// The lines of one family, one for each partner.
struct FamilyChart {
  std::string x_name, family, metric;
  std::vector<const Curve*> lines;   // at most kSeriesColours
  std::vector<double> null_largest;  // of every point of every line, in order; NaN: unknown
};
[[nodiscard]] std::string family_chart(const FamilyChart& chart);

/// Steps of 1, 2 or 5 times a power of ten that cover [0, largest] in at most five.
[[nodiscard]] double tick_step(double largest);

}  // namespace consilience::engine
