#include <cmath>

#include "engine/report/caveat_rules.h"

namespace consilience::engine::rules {
namespace {

constexpr int64_t kManyLayerPairs = 50;
constexpr double kMostlyClasses = .5;  // of the value over the null mean
constexpr double kSmallExcess = .5;    // of the value over chance

/// Adds the pair when its baseline of one kind comes as close as it does itself.
void as_close(const PairTable& table, const PairView& pair,
              const std::map<const PairResult*, Baseline>& kind, std::vector<std::string>& hits) {
  const auto found = kind.find(pair.pair);
  if (found == kind.end() || table.gain(pair.value(), found->second.value) > 0) return;
  hits.push_back(fmt::format("{} ({}; {} has {})", name(pair), score_text(pair.value()),
                             name(*found->second.pair), score_text(found->second.value)));
}

}  // namespace

Evidence below_null(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    const double largest = pair.pair->inference.null_largest;
    if (table.gain(pair.value(), largest) <= 0)
      hits.push_back(fmt::format("{} ({} against {})", name(pair), score_text(pair.value()),
                                 score_text(largest)));
  });
  return sentence(hits, "Shuffled rows reach as much as the pair itself: {}.");
}

Evidence below_baseline(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    as_close(table, pair, table.random, hits);
  });
  return sentence(hits, "A random-weights twin does as well as the trained model: {}.");
}

Evidence trivial_above(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    as_close(table, pair, table.trivial, hits);
  });
  return sentence(hits, "A trivial encoder does as well as the trained model: {}.");
}

Evidence baseline_in_interval(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    if (const Ladder* ladder = study.ladder(pair)) {
      if (ladder->excess > 0 && ladder->excess_lo <= 0)
        hits.push_back(fmt::format("{} (excess {}, from {})", name(pair),
                                   score_text(ladder->excess), score_text(ladder->excess_lo)));
      return;
    }
    const auto baseline = table.baseline(pair).value;
    const auto& inference = pair.pair->inference;
    const double nearer = table.larger_is_closer ? inference.lo : inference.hi;
    if (table.gain(nearer, baseline) <= 0 && table.gain(pair.value(), baseline) > 0)
      hits.push_back(fmt::format("{} (to {}, baseline {})", name(pair), score_text(nearer),
                                 score_text(baseline)));
  });
  return sentence(hits, "The interval does not exclude the highest baseline: {}.");
}

Evidence small_excess(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    const double baseline = table.baseline(pair).value;
    const double over_chance = table.gain(pair.value(), table.chance);
    const double excess = table.gain(pair.value(), baseline);
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
  return sentence(
      hits,
      "The closest layer pair has a first or last layer, so a closer one may lie beyond "
      "what was compared: {}.");
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
      "Each value is the closest of up to {} layer pairs ({}). The null makes the "
      "same choice; compare values with it and not with chance.",
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

Evidence mostly_classes(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    const auto& inference = pair.pair->inference;
    const double classes = table.gain(inference.class_null_mean, inference.null_mean);
    const double all = table.gain(pair.value(), inference.null_mean);
    if (all > 0 && classes > kMostlyClasses * all)
      hits.push_back(fmt::format("{} ({} of {} beyond shuffled rows)", name(pair),
                                 score_text(classes), score_text(all)));
  });
  return sentence(hits,
                  "More than half of what lies beyond shuffled rows stays when rows change places "
                  "within their class: {}. It is agreement on classes, not on instances.");
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
