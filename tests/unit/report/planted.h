#pragma once
#include <string>

#include "engine/types/study_result.h"

namespace consilience::engine::planted {

/// A study like the demo: 4 vision and 3 text models, their random-weights twins, two trivial
/// encoders, 63 pairs with smooth layer maps; values of a real run. Always the same.
[[nodiscard]] StudyResult realistic_study();

/// The realistic study under two other metrics: a distance whose values lie above 1, which has no
/// chance level, and an R2 whose baselines are negative. Some rungs and intervals are missing.
[[nodiscard]] StudyResult other_metrics_study();

/// A study in which no caveat fires: one field away from every planted one.
[[nodiscard]] StudyResult quiet_study();

/// Names, captions and reasons that try to break out of HTML, CSV, JSON and scripts.
[[nodiscard]] StudyResult hostile_study();

}  // namespace consilience::engine::planted
