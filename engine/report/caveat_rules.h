#pragma once
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/format.h"
#include "engine/report/metric_words.h"
#include "engine/report/study_view.h"

namespace consilience::engine::rules {

/// A sentence with the names and numbers that made a rule fire; nothing when it is silent.
using Evidence = std::optional<std::string>;

// Of scores.
[[nodiscard]] Evidence below_null(const StudyView& study);
[[nodiscard]] Evidence below_baseline(const StudyView& study);
[[nodiscard]] Evidence trivial_above(const StudyView& study);
[[nodiscard]] Evidence baseline_in_interval(const StudyView& study);
[[nodiscard]] Evidence small_excess(const StudyView& study);
[[nodiscard]] Evidence random_twin_passes(const StudyView& study);
[[nodiscard]] Evidence undefined_pairs(const StudyView& study);
[[nodiscard]] Evidence edge_layer(const StudyView& study);
[[nodiscard]] Evidence many_layers(const StudyView& study);
[[nodiscard]] Evidence p_at_floor(const StudyView& study);
[[nodiscard]] Evidence mostly_classes(const StudyView& study);
[[nodiscard]] Evidence no_interval(const StudyView& study);
// Of the models.
[[nodiscard]] Evidence supervised(const StudyView& study);
[[nodiscard]] Evidence trained_together(const StudyView& study);
[[nodiscard]] Evidence resolution_grows(const StudyView& study);
[[nodiscard]] Evidence quantised(const StudyView& study);
[[nodiscard]] Evidence derived(const StudyView& study);
[[nodiscard]] Evidence noted(const StudyView& study);
// Of how the study is made.
[[nodiscard]] Evidence few_samples(const StudyView& study);
[[nodiscard]] Evidence few_points(const StudyView& study);
[[nodiscard]] Evidence few_twins(const StudyView& study);
[[nodiscard]] Evidence no_trivial(const StudyView& study);
[[nodiscard]] Evidence few_permutations(const StudyView& study);
[[nodiscard]] Evidence large_k(const StudyView& study);
[[nodiscard]] Evidence different_n(const StudyView& study);
[[nodiscard]] Evidence skipped_samples(const StudyView& study);
// Of single layers.
[[nodiscard]] Evidence hubs(const StudyView& study);
[[nodiscard]] Evidence ties(const StudyView& study);
[[nodiscard]] Evidence duplicates(const StudyView& study);
[[nodiscard]] Evidence clamp_off(const StudyView& study);
[[nodiscard]] Evidence undefined_layers(const StudyView& study);

/// `format` with the hits listed in it, or nothing when there are none.
[[nodiscard]] inline Evidence sentence(const std::vector<std::string>& hits,
                                       fmt::format_string<std::string> format) {
  if (hits.empty()) return std::nullopt;
  return fmt::format(format, listed(hits));
}

[[nodiscard]] inline std::string name(const PairView& pair) {
  return fmt::format(
      "{} × {}{}", pair.a->name, pair.b->name,
      pair.several_metrics ? " under " + metric_in_words(pair.pair->score.metric) : "");
}

/// Pairs of trained models with a value.
template <typename Visit>
void each_trained(const StudyView& study, Visit visit) {
  for (const auto& table : study.tables())
    for (const auto& pair : table.pairs)
      if (pair.trained() && pair.defined()) visit(table, pair);
}

}  // namespace consilience::engine::rules
