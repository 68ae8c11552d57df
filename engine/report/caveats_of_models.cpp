#include <algorithm>
#include <map>

#include "engine/report/caveat_rules.h"

namespace consilience::engine::rules {
namespace {

/// Trained models for which `text` is not empty, with it.
template <typename Text>
std::vector<std::string> trained_with(const StudyView& study, Text text) {
  std::vector<std::string> hits;
  for (const auto& model : study.study().models) {
    const std::string found = text(model);
    if (model.role == "trained" && !found.empty())
      hits.push_back(fmt::format("{} ({})", model.name, found));
  }
  return hits;
}

}  // namespace

Evidence supervised(const StudyView& study) {
  auto sentence_ = sentence(
      trained_with(study, [](const ModelSummary& m) { return m.supervised_on; }),
      "Trained with labels: {}. Classes that the labels share with this data are built in.");
  if (sentence_ && study.study().data.classes > 0)
    *sentence_ += fmt::format(" This data set has {} classes.", study.study().data.classes);
  return sentence_;
}

Evidence trained_together(const StudyView& study) {
  std::vector<std::string> hits;
  each_trained(study, [&](const PairTable& table, const PairView& pair) {
    if (table.modality_a != table.modality_b && !pair.a->family.empty() &&
        pair.a->family == pair.b->family)
      hits.push_back(name(pair));
  });
  return sentence(hits,
                  "Both sides are of one family and were probably trained to agree: {}. Their "
                  "alignment is an objective, not a finding.");
}

Evidence resolution_grows(const StudyView& study) {
  std::map<std::string, std::vector<const ModelSummary*>> families;
  for (const auto& model : study.study().models)
    if (model.role == "trained" && model.resolution > 0 && model.parameters > 0)
      families[model.family].push_back(&model);
  std::vector<std::string> hits;
  for (auto& [family, models] : families) {
    std::stable_sort(models.begin(), models.end(),
                     [](auto* a, auto* b) { return a->parameters < b->parameters; });
    const auto& small = *models.front();
    const auto& large = *models.back();
    if (large.parameters > small.parameters && large.resolution > small.resolution)
      hits.push_back(fmt::format("{} ({} to {} px)", family, small.resolution, large.resolution));
  }
  return sentence(hits,
                  "Input resolution grows with size: {}. A rise with parameters may be one "
                  "with resolution.");
}

Evidence quantised(const StudyView& study) {
  return sentence(trained_with(study, [](const ModelSummary& m) { return m.quantised_from; }),
                  "Weights come from a quantised file: {}. The full-precision model may differ.");
}

Evidence derived(const StudyView& study) {
  return sentence(trained_with(study, [](const ModelSummary& m) { return m.derived; }),
                  "Not the published weights but derived ones: {}.");
}

Evidence noted(const StudyView& study) {
  return sentence(trained_with(study, [](const ModelSummary& m) { return m.notes; }),
                  "The card has a note: {}.");
}

}  // namespace consilience::engine::rules
