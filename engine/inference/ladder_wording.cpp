#include "engine/inference/ladder_wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int kTwinsToQuote = 5;

std::string number(double value) {
  if (std::abs(value) >= 1000) return fmt::format("{:.6g}", value);
  return fmt::format("{:.3f}", std::abs(value) < .0005 ? 0.0 : value);
}

std::string with_interval(double value, double lo, double hi) {
  if (std::isnan(lo) || std::isnan(hi)) return number(value);
  return fmt::format("{} [{}, {}]", number(value), number(lo), number(hi));
}

/// How the score stands to the highest baseline.
std::string excess_sentence(const Ladder& ladder) {
  const LadderRung& score = rung(ladder, "score");
  const std::string value = with_interval(score.value, score.lo, score.hi);
  if (ladder.highest.empty()) return value + " has no baseline to be held against.";
  const LadderRung& baseline = rung(ladder, ladder.highest);
  const bool farther = ladder.larger_is_closer;
  const std::string which =
      fmt::format("the {} baseline, {} ({})", farther ? "highest" : "smallest", baseline.name,
                  number(baseline.value));
  const std::string excess = with_interval(ladder.excess, ladder.excess_lo, ladder.excess_hi);
  if (std::isnan(ladder.excess_lo))
    return fmt::format("{} is {} {} {}; the difference has no interval: {}.", value,
                       number(std::abs(ladder.excess)),
                       (ladder.excess < 0) == farther ? "below" : "above", which,
                       ladder.excess_missing);
  if (ladder.excess_lo > 0)
    return fmt::format("{} is {} {} {}.", value, excess, farther ? "above" : "below", which);
  if (ladder.excess_hi < 0)
    return fmt::format("{} is {} {} {}.", value,
                       with_interval(-ladder.excess, -ladder.excess_hi, -ladder.excess_lo),
                       farther ? "below" : "above", which);
  return fmt::format("{} is not told apart from {}: the difference, {}, may be 0.", value, which,
                     excess);
}

std::string over_all_pairs(const LadderTests& tests) {
  if (std::isnan(tests.p_fwer)) return "";
  if (tests.p_fwer > tests.alpha)
    return fmt::format(" for this pair alone (not over all pairs, {:.2g})", tests.p_fwer);
  return fmt::format(" ({:.2g} over all pairs)", tests.p_fwer);
}

std::string independence_sentence(const LadderTests& tests) {
  if (std::isnan(tests.p)) return "";
  if (tests.p > tests.alpha)
    return fmt::format(" Independence of the two sides is not rejected (p = {:.2g}).", tests.p);
  const std::string rejected =
      fmt::format(" Independence is rejected at p = {:.2g}{}", tests.p, over_all_pairs(tests));
  if (std::isnan(tests.random_p))
    return rejected + ", which random networks usually achieve as well.";
  if (tests.random_p <= tests.alpha)
    return fmt::format("{}, which random weights also achieve (p = {:.2g}).", rejected,
                       tests.random_p);
  return fmt::format("{}; with random weights it is not (p = {:.2g}).", rejected, tests.random_p);
}

std::string class_sentence(const Ladder& ladder, const LadderTests& tests) {
  const double classes = rung(ladder, "classes").value;
  if (std::isnan(classes)) return "";
  const double score = rung(ladder, "score").value, selection = rung(ladder, "selection").value;
  if (!(ladder.instances > 0))
    return fmt::format(" Agreement on classes alone gives {}: nothing is left for instances.",
                       number(classes));
  if (tests.class_p > tests.alpha)
    return fmt::format(
        " Agreement on classes alone gives {}, and rows moved within their class reach the score "
        "often (p = {:.2g}): nothing is seen beyond classes.",
        number(classes), tests.class_p);
  const double share = (classes - selection) / (score - selection);
  const std::string part =
      share >= 0 && share <= 1
          ? fmt::format(", {:.0f} % of what lies beyond shuffled rows", 100 * share)
          : "";
  return fmt::format(" Agreement on classes alone gives {}{}; {} is left for instances.",
                     number(classes), part, number(ladder.instances));
}

std::string twins_sentence(const Ladder& ladder) {
  if (std::isnan(rung(ladder, "random").value))
    return " No random-weights twin was compared, so this does not say what training adds.";
  if (ladder.twins >= kTwinsToQuote) return "";
  if (ladder.twins == 0)
    return fmt::format(
        " Only one side has random-weights twins: not to be quoted before both have "
        "{}.",
        kTwinsToQuote);
  return fmt::format(" {} random-weights twin{} a side: not to be quoted before there are {}.",
                     ladder.twins == 1 ? "One" : std::to_string(ladder.twins),
                     ladder.twins == 1 ? "" : "s", kTwinsToQuote);
}

}  // namespace

const LadderRung& rung(const Ladder& ladder, const std::string& key) {
  const auto found = std::ranges::find(ladder.rungs, key, &LadderRung::key);
  expect(found != ladder.rungs.end(), "a ladder has no rung '{}'", key);
  return *found;
}

std::string ladder_wording(const Ladder& ladder, const LadderTests& tests) {
  const LadderRung& score = rung(ladder, "score");
  if (std::isnan(score.value)) return fmt::format("There is no score: {}.", score.missing);
  return excess_sentence(ladder) + independence_sentence(tests) + class_sentence(ladder, tests) +
         twins_sentence(ladder);
}

}  // namespace consilience::engine
