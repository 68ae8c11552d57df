#include "engine/inference/student.h"

#include <cmath>
#include <numbers>

namespace consilience::engine {

double student_quantile_975(int degrees) {
  constexpr double kTail = 0.025;
  if (degrees == 1) return std::tan(std::numbers::pi * (0.5 - kTail));
  if (degrees == 2) return (1 - 2 * kTail) / std::sqrt(2 * kTail * (1 - kTail));
  constexpr double z = 1.959963984540054;
  constexpr double z2 = z * z;
  const double v = degrees;
  const double first = z * (z2 + 1) / 4;
  const double second = z * ((5 * z2 + 16) * z2 + 3) / 96;
  const double third = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  const double fourth = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;
  return z + (first + (second + (third + fourth / v) / v) / v) / v;
}

}  // namespace consilience::engine
