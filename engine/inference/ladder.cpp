#include "engine/inference/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/inference/half_splits.h"
#include "engine/inference/ladder_wording.h"
#include "engine/types/baselines.h"

namespace consilience::engine {
namespace {

std::string or_else(const std::string& reason, const std::string& otherwise) {
  return reason.empty() ? otherwise : reason;
}

LadderRung chance_rung(const PairScore& score) {
  LadderRung rung{.key = "chance", .name = "chance for one layer pair", .value = score.chance};
  if (std::isnan(rung.value)) rung.missing = "no exact chance level is known for this metric";
  return rung;
}

/// Defined layer pairs, among which the maximum was chosen.
int64_t layer_pairs(const PairScore& score) {
  return std::ranges::count_if(score.grid.values(),
                               [](double value) { return !std::isnan(value); });
}

LadderRung selection_rung(const PairResult& pair, const LadderWords& words) {
  const int64_t cells = layer_pairs(pair.score);
  LadderRung rung{.key = "selection",
                  .name = cells > 1 ? fmt::format("choosing the best of {} layer pairs", cells)
                                    : "shuffled rows, one layer pair",
                  .value = pair.inference.null_mean,
                  .baseline = true};
  if (!std::isnan(rung.value))
    rung.from = cells > 1 ? "shuffled rows, mean of the maximum" : "mean of the null";
  else
    rung.missing = "no rows were shuffled: " + words.selection;
  return rung;
}

LadderRung stand_in_rung(std::string key, std::string name, const StandIn& found,
                         std::string missing) {
  LadderRung rung{.key = std::move(key), .name = std::move(name), .baseline = true};
  if (found.pair == nullptr) {
    rung.missing = std::move(missing);
    return rung;
  }
  rung.value = found.value;
  rung.lo = found.pair->inference.lo;
  rung.hi = found.pair->inference.hi;
  rung.from = fmt::format("{} x {}", found.pair->score.model_a, found.pair->score.model_b);
  return rung;
}

LadderRung class_rung(const PairInference& inference, const LadderWords& words) {
  LadderRung rung{
      .key = "classes", .name = "agreement on classes", .value = inference.class_null_mean};
  if (!std::isnan(rung.value))
    rung.from = "rows moved within their class";
  else
    rung.missing = or_else(inference.class_reason, "no class ids: " + words.classes);
  return rung;
}

LadderRung score_rung(const PairResult& pair) {
  const PairScore& score = pair.score;
  LadderRung rung{.key = "score",
                  .name = "the score",
                  .value = score.maximum,
                  .lo = pair.inference.lo,
                  .hi = pair.inference.hi,
                  .from = fmt::format("{} x {}", score.model_a, score.model_b)};
  if (score.best_a < 0 || std::isnan(score.maximum)) {
    rung.value = rung.lo = rung.hi = kUnknown;
    rung.missing = or_else(score.reason, "no layer pair has a value");
  }
  return rung;
}

/// Half-wise differences of two pairs under the same splits; empty with `missing` where there are
/// none.
std::vector<double> differences(const PairResult& pair, const PairResult& baseline,
                                const LadderWords& words, std::string& missing) {
  for (const auto* each : {&pair, &baseline})
    if (each->inference.half_values.empty()) {
      missing = fmt::format(
          "{} x {}: {}", each->score.model_a, each->score.model_b,
          or_else(each->inference.interval_reason, "no values of half-splits: " + words.interval));
      return {};
    }
  const auto& ours = pair.inference.half_values;
  const auto& theirs = baseline.inference.half_values;
  if (ours.size() != theirs.size() || ours.size() % 2 != 0) {
    missing =
        fmt::format("{} and {} half values are not of the same splits", ours.size(), theirs.size());
    return {};
  }
  std::vector<double> out(ours.size());
  for (size_t h = 0; h < ours.size(); ++h) out[h] = ours[h] - theirs[h];
  return out;
}

/// Half the width of the excess's 95 % interval, NaN with `missing` where there is none.
double excess_margin(const PairResult& pair, const PairResult* baseline, const LadderWords& words,
                     std::string& missing) {
  double margin = kUnknown;
  if (baseline == nullptr) {  // a constant: the score's own
    margin = (pair.inference.hi - pair.inference.lo) / 2;
    if (std::isnan(margin))
      missing = or_else(pair.inference.interval_reason, "no half-splits: " + words.interval);
    return margin;
  }
  const auto values = differences(pair, *baseline, words, missing);
  if (!missing.empty()) return kUnknown;
  margin = half_split_margin(values);
  if (std::isnan(margin)) missing = "a half has no value";
  return margin;
}

void add_excess(Ladder& ladder, const PairResult& pair, const StandIn& random,
                const StandIn& trivial, const LadderWords& words) {
  const double sign = ladder.larger_is_closer ? 1 : -1;
  const LadderRung* highest = nullptr;
  for (const auto& rung : ladder.rungs)
    if (rung.baseline && !std::isnan(rung.value) &&
        (highest == nullptr || sign * rung.value > sign * highest->value))
      highest = &rung;
  if (highest == nullptr) {
    ladder.excess_missing = "no baseline has a value";
    return;
  }
  ladder.highest = highest->key;
  const double score = rung(ladder, "score").value;
  if (std::isnan(score)) {
    ladder.excess_missing = rung(ladder, "score").missing;
    return;
  }
  ladder.excess = sign * (score - highest->value);
  const PairResult* of = highest->key == "random"    ? random.pair
                         : highest->key == "trivial" ? trivial.pair
                                                     : nullptr;
  const double margin = excess_margin(pair, of, words, ladder.excess_missing);
  ladder.excess_lo = ladder.excess - margin;
  ladder.excess_hi = ladder.excess + margin;
}

}  // namespace

Ladder make_ladder(const StudyResult& study, const PairResult& pair, const LadderWords& words) {
  const PairScore& score = pair.score;
  const StandIn random = random_baseline(study.models, study.pairs, score);
  const StandIn trivial = trivial_baseline(study.models, study.pairs, score);
  const TwinCount twins = count_twins(study.models, study.pairs, score);
  Ladder ladder{.model_a = score.model_a,
                .model_b = score.model_b,
                .metric = printed_name(score),
                .larger_is_closer = score.larger_is_closer,
                .twins = std::min(twins.a, twins.b)};
  ladder.rungs = {chance_rung(score),
                  selection_rung(pair, words),
                  stand_in_rung("trivial", "a trivial encoder", trivial,
                                "no trivial encoder was compared: " + words.trivial),
                  stand_in_rung("random", "random weights", random,
                                "no random-weights twin was compared: " + words.random),
                  class_rung(pair.inference, words),
                  score_rung(pair)};
  add_excess(ladder, pair, random, trivial, words);
  const double sign = score.larger_is_closer ? 1 : -1;
  ladder.instances = sign * (rung(ladder, "score").value - rung(ladder, "classes").value);
  ladder.wording = ladder_wording(
      ladder, {.p = pair.inference.p,
               .p_fwer = pair.inference.p_fwer,
               .class_p = pair.inference.class_p,
               .random_p = random.pair == nullptr ? kUnknown : random.pair->inference.p,
               .alpha = words.alpha});
  return ladder;
}

}  // namespace consilience::engine
