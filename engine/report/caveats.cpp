#include "engine/report/caveats.h"

#include <array>
#include <utility>

#include "engine/report/caveat_rules.h"

namespace consilience::engine {
namespace {

constexpr std::array<CaveatRule, 31> kRules{{
    {"below_null", Severity::warning, "Not above shuffled rows", rules::below_null},
    {"below_baseline", Severity::warning, "Random weights do as well", rules::below_baseline},
    {"trivial_above", Severity::warning, "A trivial encoder does as well", rules::trivial_above},
    {"baseline_in_interval", Severity::warning, "Baseline within the interval",
     rules::baseline_in_interval},
    {"small_excess", Severity::warning, "Much of it is reached by a baseline", rules::small_excess},
    {"random_twin_passes", Severity::warning, "Random networks pass the test too",
     rules::random_twin_passes},
    {"supervised", Severity::warning, "Supervised on labels", rules::supervised},
    {"trained_together", Severity::warning, "Trained to agree", rules::trained_together},
    {"few_samples", Severity::warning, "Few samples", rules::few_samples},
    {"few_points", Severity::warning, "Few points on a curve", rules::few_points},
    {"resolution_grows", Severity::warning, "Resolution grows with size", rules::resolution_grows},
    {"few_twins", Severity::warning, "Few random-weights twins", rules::few_twins},
    {"different_n", Severity::warning, "Different sample sizes", rules::different_n},
    {"undefined_pairs", Severity::warning, "Pairs without a value", rules::undefined_pairs},
    {"quantised", Severity::note, "Quantised weights", rules::quantised},
    {"derived", Severity::note, "Derived weights", rules::derived},
    {"noted", Severity::note, "Notes on models", rules::noted},
    {"hubs", Severity::note, "Hubs", rules::hubs},
    {"ties", Severity::note, "Ties", rules::ties},
    {"duplicates", Severity::note, "Exact duplicates", rules::duplicates},
    {"clamp_off", Severity::note, "Clamping off", rules::clamp_off},
    {"undefined_layers", Severity::note, "Layers without scores", rules::undefined_layers},
    {"edge_layer", Severity::note, "Maximum at the edge", rules::edge_layer},
    {"many_layers", Severity::note, "A maximum over many layers", rules::many_layers},
    {"p_at_floor", Severity::note, "p at its floor", rules::p_at_floor},
    {"mostly_classes", Severity::note, "Mostly agreement on classes", rules::mostly_classes},
    {"no_trivial", Severity::note, "No trivial encoder", rules::no_trivial},
    {"skipped_samples", Severity::note, "Skipped samples", rules::skipped_samples},
    {"few_permutations", Severity::note, "Few permutations", rules::few_permutations},
    {"large_k", Severity::note, "Large k", rules::large_k},
    {"no_interval", Severity::note, "No interval", rules::no_interval},
}};

}  // namespace

std::span<const CaveatRule> caveat_rules() { return kRules; }

std::vector<Caveat> caveats(const StudyView& study) {
  std::vector<Caveat> fired;
  for (const auto severity : {Severity::warning, Severity::note})
    for (const auto& rule : kRules) {
      if (rule.severity != severity) continue;
      if (auto evidence = rule.evidence(study))
        fired.push_back({rule.id, rule.severity, rule.title, *std::move(evidence)});
    }
  return fired;
}

}  // namespace consilience::engine
