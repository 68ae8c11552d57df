#include <cmath>

#include "engine/report/caveat_rules.h"

namespace consilience::engine::rules {
namespace {

constexpr int64_t kManyLayerPairs = 50;
constexpr double kSmallExcess = .5;  // of the value over chance

}  // namespace

Evidence below_null(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable&, const PairView& pair) {
    const double largest = pair.pair->inference.null_largest;
    if (pair.value() <= largest)
      hits.push_back(fmt::format("{} ({} against {})", name(pair), score_text(pair.value()),
                                 score_text(largest)));
  });
  return sentence(hits, "Shuffled rows reach as much as the pair itself: {}.");
}

Evidence below_baseline(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    const auto baseline = table.baseline(pair);
    if (baseline.pair != nullptr && pair.value() <= baseline.value &&
        baseline.pair->a->role != "trivial" && baseline.pair->b->role != "trivial")
      hits.push_back(fmt::format("{} ({}; {} has {})", name(pair), score_text(pair.value()),
                                 name(*baseline.pair), score_text(baseline.value)));
  });
  return sentence(hits, "A random-weights twin does as well as the trained model: {}.");
}

Evidence trivial_above(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    for (const auto& other : table.pairs) {
      const bool replaces = (other.a == pair.a && other.b->role == "trivial") ||
                            (other.b == pair.b && other.a->role == "trivial");
      if (replaces && other.defined() && other.value() >= pair.value()) {
        hits.push_back(fmt::format("{} ({}; {} has {})", name(pair), score_text(pair.value()),
                                   name(other), score_text(other.value())));
        return;
      }
    }
  });
  return sentence(hits, "A trivial encoder does as well as the trained model: {}.");
}

Evidence baseline_in_interval(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    const auto baseline = table.baseline(pair).value;
    if (pair.pair->inference.lo <= baseline && baseline < pair.value())
      hits.push_back(fmt::format("{} (from {}, baseline {})", name(pair),
                                 score_text(pair.pair->inference.lo), score_text(baseline)));
  });
  return sentence(hits, "The interval contains the highest baseline: {}.");
}

Evidence small_excess(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    const double baseline = table.baseline(pair).value;
    const double over_chance = pair.value() - table.chance;
    const double excess = pair.value() - baseline;
    if (excess > 0 && excess < kSmallExcess * over_chance)
      hits.push_back(fmt::format("{} ({} over a baseline of {})", name(pair), score_text(excess),
                                 score_text(baseline)));
  });
  return sentence(hits,
                  "More than half of what lies above chance is reached by a baseline as well: {}.");
}

Evidence random_twin_passes(const StudyView& study) {
  int64_t hits = 0, all = 0;
  std::string example;
  for (const auto& table : study.tables())
    for (const auto& pair : table.pairs) {
      const auto& inference = pair.pair->inference;
      if ((pair.a->role != "random" && pair.b->role != "random") || std::isnan(inference.p))
        continue;
      ++all;
      if (inference.p > inference.p_floor) continue;
      ++hits;
      if (example.empty()) example = name(pair);
    }
  if (hits == 0) return std::nullopt;
  return fmt::format(
      "{} of {} pairs with a random-weights twin also beat every shuffle (such as {}): a small p "
      "says that two sides are dependent, not that anything was learned.",
      hits, all, example);
}

Evidence undefined_pairs(const StudyView& study) {
  std::vector<std::string> hits;
  for (const auto& table : study.tables())
    for (const auto& pair : table.pairs)
      if (!pair.defined())
        hits.push_back(fmt::format("{} ({})", name(pair), pair.pair->score.reason));
  return sentence(hits, "Pairs without a value: {}.");
}

Evidence edge_layer(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable&, const PairView& pair) {
    const auto at_edge = [](const std::vector<std::string>& layers, int64_t best) {
      const auto last = static_cast<int64_t>(layers.size()) - 1;
      return last > 0 && (best == 0 || best == last);
    };
    if (at_edge(pair.layers_a(), pair.best_a()) || at_edge(pair.layers_b(), pair.best_b()))
      hits.push_back(fmt::format("{} ({} × {})", name(pair),
                                 pair.layers_a()[static_cast<size_t>(pair.best_a())],
                                 pair.layers_b()[static_cast<size_t>(pair.best_b())]));
  });
  return sentence(hits,
                  "The maximum is at a first or last layer, so it may lie beyond what was "
                  "compared: {}.");
}

Evidence many_layers(const StudyView& study) {
  int64_t most = 0;
  std::string where;
  each_trained(study, [&](const PairTable&, const PairView& pair) {
    const auto cells = static_cast<int64_t>(pair.pair->score.grid.values().size());
    if (cells <= most) return;
    most = cells;
    where = name(pair);
  });
  if (most <= kManyLayerPairs) return std::nullopt;
  return fmt::format(
      "Each value is the largest of up to {} layer pairs ({}). The null takes the "
      "same maximum; compare values with it and not with chance.",
      count_text(most), where);
}

Evidence p_at_floor(const StudyView& study) {
  int64_t hits = 0, all = 0;
  double floor = 0;
  each_trained(study, [&](const PairTable&, const PairView& pair) {
    if (std::isnan(pair.pair->inference.p)) return;
    ++all;
    if (pair.pair->inference.p > pair.pair->inference.p_floor) return;
    ++hits;
    floor = pair.pair->inference.p_floor;
  });
  if (hits == 0) return std::nullopt;
  return fmt::format(
      "{} of {} p values are at their floor of {:.2g}, the smallest that this many "
      "permutations can give; they rank nothing.",
      hits, all, floor);
}

Evidence no_interval(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable&, const PairView& pair) {
    const auto& inference = pair.pair->inference;
    if (std::isnan(inference.lo))
      hits.push_back(inference.interval_reason.empty()
                         ? name(pair)
                         : fmt::format("{} ({})", name(pair), inference.interval_reason));
  });
  return sentence(hits, "No interval: {}.");
}

}  // namespace consilience::engine::rules
