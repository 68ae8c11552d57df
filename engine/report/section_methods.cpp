#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/report/format.h"
#include "engine/report/sections.h"

namespace consilience::engine {
namespace {

std::string term(std::string_view what, const std::string& text) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", what, text);
}

std::string metric_definition(const std::string& label) {
  if (!label.starts_with("mutual_knn(")) return "";
  return " For every sample take its k nearest neighbours in one space and in the other; the "
         "score is the mean share of neighbours that both lists have. Self is left out by index, "
         "equal scores go to the lower index, and the lists are exact.";
}

}  // namespace

std::string metric_in_words(const std::string& label) {
  const std::string name = label.substr(0, label.find('('));
  if (name == "mutual_knn") return "mutual k-NN";
  std::string words = name;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string modalities(const PairTable& table) {
  if (table.modality_a == table.modality_b) return table.modality_a;
  return fmt::format("{} × {}", table.modality_a, table.modality_b);
}

std::string methods_section(const StudyView& study) {
  std::string out =
      "<section id=\"methods\"><h2>Methods and definitions</h2>\n<dl class=\"define\">\n";
  std::set<std::string> metrics, intervals;
  for (const auto& table : study.tables()) metrics.insert(table.metric);
  for (const auto& pair : study.study().pairs)
    if (!pair.inference.interval.empty()) intervals.insert(pair.inference.interval);
  for (const auto& label : metrics)
    out += term(escape_html(label),
                "The metric with everything that its value depends on." + metric_definition(label));
  out += term("Conditioning",
              "Per layer and before neighbours are sought: clamp |x| at the named quantile, "
              "centre, scale rows to length 1; only the steps in the metric&#39;s name are done.");
  out += term("Layer maximum",
              "The highest score over all pairs of layers. It describes, and is higher the more "
              "layers there are; null and baselines take the same maximum.");
  out += term("Chance",
              "The expected score of one layer pair when the two sides are independent: "
              "k / (n − 1) for mutual k-NN.");
  out += term("Null",
              fmt::format("Rows of one modality are shuffled against the other (within a modality: "
                          "each model's by itself), {}; one shuffle serves all layers, metrics and "
                          "pairs. Over null is the value less the "
                          "mean of the shuffled maxima.",
                          counted(study.study().permutations, "permutation")));
  out += term("p",
              "(1 + shuffles that reach the value) / (1 + shuffles), so never below its floor. It "
              "tests whether the two sides are independent. Random networks reject that as well: "
              "p is no measure of convergence.");
  out += term("Random-weights twin",
              "The same architecture with freshly drawn weights, run and compared like any model. "
              "Of trained × random and random × trained the larger counts.");
  out += term("Trivial encoder", "A colour histogram for pictures, a bag of words for captions.");
  std::string interval =
      "95 %, value ± 1.96 sd, from scores on random halves of the samples; the maximum over "
      "layers is taken again in each half.";
  if (!intervals.empty())
    interval += " Here: " + escape_html(listed({intervals.begin(), intervals.end()})) + ".";
  out += term("Interval", interval);
  out += term("Numbers",
              "Every layer pair is in <a href=\"tables/scores.csv\">tables/scores.csv</a> and "
              "<a href=\"tables/scores.json\">tables/scores.json</a>, one line a model pair in "
              "<a href=\"tables/pairs.csv\">tables/pairs.csv</a>.");
  return out + "</dl></section>\n";
}

}  // namespace consilience::engine
