#pragma once
#include <string>
#include <vector>

#include "engine/report/scale.h"
#include "engine/report/study_view.h"

namespace consilience::engine {

/// "h7": the step of the table's heat scale, stronger where closer; "hx" when undefined.
[[nodiscard]] std::string heat_class(double value, const HeatScale& scale);
/// The scale with its two ends; for maps also the ring and the colour of undefined cells.
[[nodiscard]] std::string heat_legend(const HeatScale& scale, bool maps);

/// A layer x layer map: rows are the layers of a from the top, columns those of b, the closest
/// ringed.
[[nodiscard]] std::string layer_map(const PairView& pair, const HeatScale& scale);

/// A pair on one line: null, chance, baseline, value and interval.
[[nodiscard]] std::string pair_strip(const PairView& pair, double chance, double baseline,
                                     const Scale& scale);
/// The scale above the strips.
[[nodiscard]] std::string strip_axis(const Scale& scale);

/// A ladder as a picture: a bar a rung on one scale, a line down from the highest baseline, the
/// excess beyond it. HTML whose bars stretch with the page.
[[nodiscard]] std::string ladder_chart(const Ladder& ladder);

/// The lines of one family, one for each partner.
struct FamilyChart {
  std::string x_name, family, metric;
  bool larger_is_closer = true;
  std::vector<const Curve*> lines;   // at most kSeriesColours
  std::vector<double> null_largest;  // of every point of every line, in order; NaN: unknown
};
[[nodiscard]] std::string family_chart(const FamilyChart& chart);

}  // namespace consilience::engine
