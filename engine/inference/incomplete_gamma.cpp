#include "engine/inference/incomplete_gamma.h"

#include <cmath>
#include <limits>

namespace consilience::engine {
namespace {

constexpr double kEps = std::numeric_limits<double>::epsilon();
constexpr int kMostTerms = 1'000'000;

/// x^a e^-x / Gamma(a).
double front_factor(double a, double x) { return std::exp(a * std::log(x) - x - std::lgamma(a)); }

/// P(a, x) = x^a e^-x / Gamma(a) * sum_k x^k / (a (a + 1) .. (a + k)).
double lower_series(double a, double x) {
  double term = 1 / a;
  double sum = term;
  for (int k = 1; k < kMostTerms && term > sum * kEps; ++k) {
    term *= x / (a + k);
    sum += term;
  }
  return sum * front_factor(a, x);
}

/// Q(a, x) = x^a e^-x / Gamma(a) * 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)).
double upper_fraction(double a, double x) {
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  for (int k = 1; k < kMostTerms; ++k) {
    const double numerator = -k * (k - a);
    b += 2;
    d = numerator * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + numerator / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    fraction *= d * c;
    if (std::abs(d * c - 1) < 2 * kEps) break;
  }
  return fraction * front_factor(a, x);
}

}  // namespace

GammaTails gamma_tails(double shape, double x) {
  if (x <= 0) return {0, 1};
  if (x < shape + 1) {
    const double lower = lower_series(shape, x);
    return {lower, 1 - lower};
  }
  const double upper = upper_fraction(shape, x);
  return {1 - upper, upper};
}

}  // namespace consilience::engine
