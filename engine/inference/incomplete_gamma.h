#pragma once

namespace consilience::engine {

/// P(shape, x) and Q(shape, x) = 1 - P, the regularised incomplete gamma functions, each without
/// cancellation. shape > 0, x >= 0. Relative error below 1e-11 for shape <= 1e4 and 1e-6 for
/// shape <= 1e9 where the value is above 1e-300.
/// Source: DLMF 8.11.4 (series), 8.9.2 (continued fraction, by Lentz's method); Gautschi, ACM TOMS
/// 5, 1979.
struct GammaTails {
  double lower;  // P
  double upper;  // Q
};
[[nodiscard]] GammaTails gamma_tails(double shape, double x);

}  // namespace consilience::engine
