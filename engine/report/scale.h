#pragma once
#include <string>
#include <vector>

namespace consilience::engine {

/// A linear scale that holds 0, with ticks at multiples of `step`.
struct Scale {
  double low = 0, high = 1, step = .2;

  /// 0 at `low`, 1 at `high`; values outside stand at the nearer end.
  [[nodiscard]] double place(double value) const;
  [[nodiscard]] std::vector<double> ticks() const;
};

/// From the last tick at or below all finite values and 0 to the first at or above them; about five
/// ticks.
[[nodiscard]] Scale scale_over(const std::vector<double>& values);
/// ".25", "1.5": with the digits that the step needs; "0" for the tick at 0.
[[nodiscard]] std::string tick_text(double value, double step);

}  // namespace consilience::engine
