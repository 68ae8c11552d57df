#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/report/format.h"
#include "engine/report/page_style.h"
#include "engine/report/sections.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

/// The largest null of a pair under a metric, NaN when the study has none.
double null_largest(const StudyView& study, const MetricSpec& metric, const std::string& x,
                    const std::string& y) {
  for (const auto& table : study.tables())
    for (const auto& pair : table.pairs)
      if (pair.pair->score.metric == metric &&
          ((pair.a->name == x && pair.b->name == y) || (pair.a->name == y && pair.b->name == x)))
        return pair.pair->inference.null_largest;
  return std::numeric_limits<double>::quiet_NaN();
}

bool larger_is_closer(const StudyView& study, const MetricSpec& metric) {
  for (const auto& table : study.tables())
    if (table.spec == metric) return table.larger_is_closer;
  return true;
}

bool is_trained(const StudyView& study, const std::string& name) {
  const auto* model = study.model(name);
  return model == nullptr || model->role == "trained";
}

std::string metric_of(const Curve& curve) { return metric_in_words(curve.metric); }

}  // namespace

std::string curves_section(const StudyView& study) {
  std::map<std::tuple<std::string, std::string, std::string>, std::vector<const Curve*>> families;
  std::vector<std::string> single;
  bool capability = false;
  for (const auto& curve : study.study().curves) {
    capability = capability || curve.x_name == "bits_per_byte";
    if (curve.points.empty() || !is_trained(study, curve.partner) ||
        !is_trained(study, curve.points.front().model))
      continue;
    if (curve.points.size() > 1)
      families[{metric_of(curve), curve.x_name, curve.family}].push_back(&curve);
    else if (std::find(single.begin(), single.end(), curve.points.front().model) == single.end())
      single.push_back(curve.points.front().model);
  }
  if (families.empty() && single.empty()) return "";
  std::string charts;
  for (const auto& [key, lines] : families)
    for (size_t from = 0; from < lines.size(); from += kSeriesColours) {
      const size_t to = std::min(lines.size(), from + kSeriesColours);
      FamilyChart chart{std::get<1>(key),
                        std::get<2>(key),
                        std::get<0>(key),
                        larger_is_closer(study, lines[from]->metric),
                        {},
                        {}};
      for (size_t i = from; i < to; ++i) {
        chart.lines.push_back(lines[i]);
        for (const auto& point : lines[i]->points)
          chart.null_largest.push_back(
              null_largest(study, lines[i]->metric, point.model, lines[i]->partner));
      }
      charts += family_chart(chart);
    }
  std::string out =
      "<section id=\"curves\"><h2>Alignment against size" +
      std::string(capability ? " and capability" : "") +
      "</h2>\n<p>A filled mark is a model at its "
      "closest layers with its 95 % interval. The hollow mark of the same shape is the closer of "
      "its two random-weights pairs: one side trained, the other not. The grey band runs from the "
      "mean of the shuffled rows to the furthest of them.</p>\n";
  if (!charts.empty()) out += "<div class=\"charts\">\n" + charts + "</div>\n";
  if (!single.empty())
    out += fmt::format("<p class=\"small\">One model only, so no line: {}.</p>\n",
                       escape_html(listed(single, 12)));
  return out + "</section>\n";
}

}  // namespace consilience::engine
