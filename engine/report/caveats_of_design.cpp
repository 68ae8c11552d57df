#include <algorithm>

#include "engine/report/caveat_rules.h"

namespace consilience::engine::rules {
namespace {

constexpr int64_t kFewPoints = 4;
constexpr int64_t kFewSamples = 500;
constexpr int kFewTwins = 5;
constexpr int kFewPermutations = 200;
constexpr double kLargeK = .05;  // k / (n - 1)

double k_share(const PairTable& table) {
  const auto others = static_cast<double>(table.pairs.front().pair->score.n - 1);
  return others > 0 ? table.spec.k() / others : 0;
}

}  // namespace

Evidence few_samples(const StudyView& study) {
  const auto rows = study.study().data.valid_rows;
  if (rows >= kFewSamples || study.study().pairs.empty()) return std::nullopt;
  return fmt::format(
      "{}: neighbours of a larger set can be quite other ones, and scores of "
      "different n are not comparable.",
      counted(rows, "sample"));
}

Evidence few_points(const StudyView& study) {
  std::vector<std::string> hits;
  for (const auto& curve : study.study().curves) {
    const auto points = static_cast<int64_t>(curve.points.size());
    const std::string hit = fmt::format("{} ({})", curve.family, counted(points, "point"));
    if (points > 1 && points < kFewPoints && std::find(hits.begin(), hits.end(), hit) == hits.end())
      hits.push_back(hit);
  }
  return sentence(hits,
                  "Too few models of a family for a trend: {}. A rise over so few is an "
                  "observation, no law.");
}

Evidence few_twins(const StudyView& study) {
  const int twins = study.study().twins;
  if (twins >= kFewTwins) return std::nullopt;
  if (twins == 0)
    return "No random-weights twins: nothing here tells what training adds to the architecture.";
  return fmt::format("{} of each model: quoting the random-weights baseline needs at least {}.",
                     counted(twins, "random-weights twin"), kFewTwins);
}

Evidence no_trivial(const StudyView& study) {
  for (const auto& model : study.study().models)
    if (model.role == "trivial") return std::nullopt;
  return "No trivial encoder (colour histogram, bag of words): nothing here tells how far the "
         "simplest features go.";
}

Evidence few_permutations(const StudyView& study) {
  const int permutations = study.study().permutations;
  if (permutations >= kFewPermutations) return std::nullopt;
  return fmt::format("{}: the largest null and p are rough; {} or more are usual.",
                     counted(permutations, "permutation"), kFewPermutations);
}

Evidence large_k(const StudyView& study) {
  std::vector<std::string> hits;
  for (const auto& table : study.tables())
    if (const double share = k_share(table); share > kLargeK)
      hits.push_back(fmt::format("{}, k / (n − 1) = {}", table.metric, score_text(share)));
  return sentence(hits, "k is a large part of n: {}. Lists this long blur what is near.");
}

Evidence different_n(const StudyView& study) {
  std::vector<std::string> hits;
  for (const auto& table : study.tables()) {
    const auto [low, high] = std::minmax_element(
        table.pairs.begin(), table.pairs.end(),
        [](const auto& x, const auto& y) { return x.pair->score.n < y.pair->score.n; });
    if (low->pair->score.n != high->pair->score.n)
      hits.push_back(fmt::format("{} has n = {}, {} has n = {}", name(*low), low->pair->score.n,
                                 name(*high), high->pair->score.n));
  }
  return sentence(hits, "Pairs of one table rest on different numbers of samples: {}.");
}

Evidence skipped_samples(const StudyView& study) {
  const auto& data = study.study().data;
  if (data.bad.empty()) return std::nullopt;
  std::vector<std::string> hits;
  for (const auto& [id, reason] : data.bad) hits.push_back(fmt::format("{} ({})", id, reason));
  return fmt::format("{} of {} samples were skipped, in every model alike: {}.", data.bad.size(),
                     count_text(data.rows), listed(hits));
}

}  // namespace consilience::engine::rules
