#pragma once
#include <string>

#include "engine/types/ladder.h"
#include "engine/types/study_result.h"

namespace consilience::engine {

/// How a ladder is told: what would give a rung that is missing, in the words of whoever asked (the
/// defaults are those of a study file), and the level at which independence counts as rejected.
struct LadderWords {
  std::string selection = "set permutations = 200";
  std::string trivial = "add a trivial encoder (colour histogram, bag of words)";
  std::string random = "add twins = 5";
  std::string classes = "name the field with class ids: class = \"...\"";
  std::string interval = "set interval = \"half-splits\"";
  double alpha = 0.05;
};

/// Takes the score of a pair of trained models apart; `pair` is one of study.pairs, or alike.
///
/// Baselines are choosing layers (the null mean of the maximum), trivial encoders and random
/// weights; chance is below the first by construction, and classes are a part of the score and no
/// baseline. The interval of the excess is that of the half-wise differences between the pair and
/// the baseline's pair under the same splits; a constant baseline leaves the score's own. For a
/// distance the highest baseline is the smallest and the excess is how much smaller the score is.
[[nodiscard]] Ladder make_ladder(const StudyResult& study, const PairResult& pair,
                                 const LadderWords& words = {});

}  // namespace consilience::engine
