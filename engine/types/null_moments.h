#pragma once
#include "engine/types/score.h"

namespace consilience::engine {

/// The first three moments of a score under relabelling.
struct NullMoments {
  double mean = kUnknown;
  double sd = kUnknown;
  double skewness = kUnknown;  // third central moment / sd^3
};

}  // namespace consilience::engine
