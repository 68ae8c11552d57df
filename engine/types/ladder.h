#pragma once
#include <string>
#include <vector>

#include "engine/types/score.h"

namespace consilience::engine {

/// One step of a ladder: what an explanation that is no convergence reaches by itself.
struct LadderRung {
  std::string key;   // "chance", "selection", "trivial", "random", "classes", "score"
  std::string name;  // "choosing the best of 132 layer pairs"
  double value = kUnknown;
  double lo = kUnknown, hi = kUnknown;
  std::string from = {};     // the pair that reached it: "colour-histogram x minilm-l6"
  std::string missing = {};  // why there is no value, and what would give one
  bool baseline = false;     // it counts for the excess
};

/// A pair's score, taken apart.
struct Ladder {
  std::string model_a, model_b;
  std::string metric;  // printed_name
  bool larger_is_closer = true;
  std::vector<LadderRung> rungs = {};  // chance .. score, in that order
  std::string highest = {};            // key of the highest baseline
  double excess = kUnknown, excess_lo = kUnknown, excess_hi = kUnknown;  // over it
  std::string excess_missing = {};  // why the excess has no interval
  double instances = kUnknown;      // score - classes (a distance: classes - score)
  int twins = 0;                    // random-weights twins of the side that has fewer
  std::string wording = {};         // a few sentences that may be quoted
};

}  // namespace consilience::engine
