#pragma once
#include <string>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// What the sentences need beside the rungs.
struct LadderTests {
  double p = kUnknown, p_fwer = kUnknown;  // of the pair
  double class_p = kUnknown;               // rows moved within their class only
  double random_p = kUnknown;              // of the pair that the random rung is from
  double alpha = 0.05;
};

/// The rung of that key. Throws Error(never) when there is none.
[[nodiscard]] const LadderRung& rung(const Ladder& ladder, const std::string& key);

/// A few plain sentences about a finished ladder that may be quoted as they are. p is called a test
/// of independence and nothing else.
[[nodiscard]] std::string ladder_wording(const Ladder& ladder, const LadderTests& tests);

}  // namespace consilience::engine
