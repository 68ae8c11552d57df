#include "engine/report/caveat_rules.h"

namespace consilience::engine::rules {
namespace {

constexpr double kHubShare = .10;  // of all lists
constexpr double kTieShare = .01;  // of all rows

/// Layers for which `text` is not empty, with it.
template <typename Text>
std::vector<std::string> layers_with(const StudyView& study, Text text) {
  std::vector<std::string> hits;
  for (const auto& layer : study.study().layers) {
    const std::string found = text(layer);
    if (!found.empty())
      hits.push_back(fmt::format("{} {}/{} ({})", layer.model, layer.layer, layer.pooling, found));
  }
  return hits;
}

}  // namespace

Evidence hubs(const StudyView& study) {
  const auto rows = static_cast<double>(study.study().data.valid_rows);
  return sentence(layers_with(study,
                              [&](const LayerSummary& layer) -> std::string {
                                const auto most = static_cast<double>(layer.facts.max_in_degree);
                                if (rows == 0 || most <= kHubShare * rows) return "";
                                return fmt::format("one row in {:.0f} % of the lists",
                                                   100 * most / rows);
                              }),
                  "One row is a neighbour of very many: {}. Hubs shared by chance raise overlap; "
                  "centring often removes them.");
}

Evidence ties(const StudyView& study) {
  const auto rows = static_cast<double>(study.study().data.valid_rows);
  return sentence(layers_with(study,
                              [&](const LayerSummary& layer) -> std::string {
                                const auto tied = layer.facts.rows_with_ties;
                                if (rows == 0 || static_cast<double>(tied) <= kTieShare * rows)
                                  return "";
                                return counted(tied, "row");
                              }),
                  "The last neighbour is decided by row number in more than 1 % of the rows: {}.");
}

Evidence duplicates(const StudyView& study) {
  return sentence(layers_with(study,
                              [](const LayerSummary& layer) -> std::string {
                                const auto equal = layer.facts.exact_duplicates;
                                return equal > 0 ? counted(equal, "row") : "";
                              }),
                  "Rows that equal an earlier row: {}. Duplicates are each other's neighbours in "
                  "every model.");
}

Evidence clamp_off(const StudyView& study) {
  return sentence(layers_with(study,
                              [](const LayerSummary& layer) -> std::string {
                                return layer.facts.clamp_off_sparse ? "quantile 0" : "";
                              }),
                  "Sparse features, so nothing was clamped: {}. Other layers were.");
}

Evidence undefined_layers(const StudyView& study) {
  return sentence(layers_with(study, [](const LayerSummary& layer) { return layer.reason; }),
                  "Layers without scores: {}.");
}

}  // namespace consilience::engine::rules
