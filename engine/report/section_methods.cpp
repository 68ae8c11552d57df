#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/report/format.h"
#include "engine/report/sections.h"

namespace consilience::engine {
namespace {

std::string term(std::string_view what, const std::string& text) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", what, text);
}

/// What the table of metrics says of it; nothing where the study does not carry that.
std::string metric_definition(const StudyView& study, const std::string& name) {
  const auto& known = study.study().metrics;
  const auto found = std::ranges::find(known, name, &MetricSummary::name);
  if (found == known.end()) return "";
  std::string out = fmt::format(" {}: <code>{}</code>.", escape_html(found->summary),
                                escape_html(found->formula));
  const auto add = [&](std::string_view what, const std::string& text) {
    if (!text.empty()) out += fmt::format(" {}: {}.", what, escape_html(text));
  };
  add("Chance", found->chance);
  add("Mind", found->pitfalls);
  add("Source", found->source);
  return out;
}

}  // namespace

std::string methods_section(const StudyView& study) {
  std::string out =
      "<section id=\"methods\"><h2>Methods and definitions</h2>\n<dl class=\"define\">\n";
  std::map<std::string, std::string> metrics;  // printed name, name
  std::set<std::string> intervals;
  for (const auto& table : study.tables()) metrics[table.metric] = table.spec.name;
  for (const auto& pair : study.study().pairs)
    if (!pair.inference.interval.empty()) intervals.insert(pair.inference.interval);
  for (const auto& [label, name] : metrics)
    out += term(escape_html(label), "The metric with everything that its value depends on." +
                                        metric_definition(study, name));
  out += term("Conditioning",
              "Per layer and before neighbours are sought: clamp |x| at the named quantile, "
              "centre, scale rows to length 1; only the steps in the metric&#39;s name are done.");
  out += term("Layer maximum",
              "The highest score over all pairs of layers, of a distance the lowest. It describes, "
              "and reaches further the more layers there are; null and baselines make the same "
              "choice.");
  out += term("Chance",
              "The expected score of one layer pair when the two sides are independent, where it "
              "is known exactly.");
  out += term("Null",
              fmt::format("Rows of one modality are shuffled against the other (within a modality: "
                          "each model's by itself), {}; one shuffle serves all layers, metrics and "
                          "pairs. Over null is the value less the "
                          "mean of the shuffled maxima (of a distance: under it).",
                          counted(study.study().permutations, "permutation")));
  out += term("p",
              "(1 + shuffles that reach the value) / (1 + shuffles), so never below its floor. It "
              "tests whether the two sides are independent. Random networks reject that as well: "
              "p is no measure of convergence. Over all pairs: family-wise by the largest of all "
              "pairs in each shuffle, and the false discovery rate of Benjamini and Hochberg.");
  out += term("Random-weights twin",
              "The same architecture with freshly drawn weights, run and compared like any model. "
              "Of trained × random and random × trained the closer counts.");
  out += term("Trivial encoder",
              "A colour histogram for pictures, a bag of words for captions; in place of one side "
              "or of both.");
  out += term("Ladder",
              "A score beside what explains it without any learning: chance, the choice of the "
              "best layers (the mean of the shuffled maxima), trivial encoders, random weights. "
              "The excess is over the highest of them; its interval is that of the difference of "
              "the two pairs in the same halves of the samples. Agreement on classes is what stays "
              "when rows change places within their class only: a part of the score, no "
              "baseline.");
  std::string interval =
      "95 %, from scores on random halves of the samples: value ± t sd, t of Student&#39;s law "
      "with as many degrees of freedom as there are splits. The maximum over layers is taken again "
      "in each half.";
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
