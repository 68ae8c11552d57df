#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/report/format.h"
#include "engine/report/sections.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

std::string role_heading(const ModelSummary& model) {
  if (model.role == "random") return "random weights";
  return model.role == "trivial" ? "trivial encoders" : "trained";
}

bool starts_role(const std::vector<const ModelSummary*>& models, size_t at) {
  return at > 0 && role_heading(*models[at]) != role_heading(*models[at - 1]);
}

std::string cell(const PairTable& table, const PairView* pair, bool gap) {
  const char* space = gap ? " gap" : "";
  if (pair == nullptr) return fmt::format("<td class=\"none{}\"></td>", space);
  if (!pair->defined()) return fmt::format("<td class=\"none{}\">—</td>", space);
  return fmt::format("<td class=\"{}{}\">{}</td>", heat_class(pair->value(), table.largest), space,
                     score_text(pair->value()));
}

/// The heads of the roles above the names of the columns.
std::string column_heads(const PairTable& table) {
  std::string roles, names;
  for (size_t j = 0; j < table.columns.size();) {
    size_t end = j + 1;
    while (end < table.columns.size() && !starts_role(table.columns, end)) ++end;
    roles += fmt::format("<th scope=\"colgroup\" colspan=\"{}\"{}>{}</th>", end - j,
                         j > 0 ? " class=\"gap\"" : "", role_heading(*table.columns[j]));
    j = end;
  }
  for (size_t j = 0; j < table.columns.size(); ++j)
    names += fmt::format("<th scope=\"col\"{}>{}</th>",
                         starts_role(table.columns, j) ? " class=\"gap\"" : "",
                         escape_html(table.columns[j]->name));
  return fmt::format(
      "<thead><tr class=\"roles\"><td></td>{}</tr><tr><th scope=\"col\">{}</th>{}</tr></thead>\n",
      roles, escape_html(modalities(table)), names);
}

std::string range(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (values.empty()) return "—";
  return score_text(*low) == score_text(*high) ? score_text(*low)
                                               : score_text(*low) + " to " + score_text(*high);
}

std::string matrix_caption(const PairTable& table) {
  std::vector<double> means, largest;
  for (const auto* pair : table.trained()) {
    const auto& inference = pair->pair->inference;
    if (std::isnan(inference.null_mean)) continue;
    means.push_back(inference.null_mean);
    largest.push_back(inference.null_largest);
  }
  std::string out = fmt::format("{}, the maximum over layer pairs. Chance for one layer pair {}",
                                escape_html(table.metric), score_text(table.chance));
  if (!means.empty())
    out += fmt::format("; shuffled rows, trained pairs: mean of the maximum {}, largest {}",
                       range(means), range(largest));
  return out + ".";
}

std::string matrix(const PairTable& table) {
  std::string out = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\"><table "
      "class=\"matrix\"><caption>{}</caption>\n{}<tbody>\n",
      matrix_caption(table), column_heads(table));
  for (size_t i = 0; i < table.rows.size(); ++i) {
    if (i == 0 || starts_role(table.rows, i))
      out += fmt::format("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
                         table.columns.size() + 1, role_heading(*table.rows[i]));
    out += fmt::format("<tr><th scope=\"row\">{}</th>", escape_html(table.rows[i]->name));
    for (size_t j = 0; j < table.columns.size(); ++j)
      out +=
          cell(table, table.find(table.rows[i], table.columns[j]), starts_role(table.columns, j));
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n" + heat_legend(table.largest);
}

std::string reasons(const PairTable& table) {
  std::set<std::string> lines;
  for (const auto& pair : table.pairs)
    if (!pair.defined())
      lines.insert(fmt::format("<li>{} × {}: {}</li>", escape_html(pair.a->name),
                               escape_html(pair.b->name), escape_html(pair.pair->score.reason)));
  if (lines.empty()) return "";
  std::string out = "<p class=\"small\">— no value:</p><ul class=\"small\">";
  for (const auto& line : lines) out += line;
  return out + "</ul>\n";
}

std::string detail_row(const PairTable& table, const PairView& pair, double right) {
  const auto& inference = pair.pair->inference;
  std::string out = fmt::format("<tr><th scope=\"row\">{}<small>× {}</small></th>",
                                escape_html(pair.a->name), escape_html(pair.b->name));
  if (!pair.defined())
    return out +
           fmt::format("<td class=\"n\">—</td><td class=\"wrap\" colspan=\"8\">{}</td></tr>\n",
                       escape_html(pair.pair->score.reason));
  const auto baseline = table.baseline(pair);
  const std::string interval =
      std::isnan(inference.lo)
          ? "—"
          : fmt::format("{} – {}", score_text(inference.lo), score_text(inference.hi));
  const std::string floor = inference.p <= inference.p_floor ? "<small>at its floor</small>" : "";
  out += fmt::format("<td class=\"n\"><b>{}</b></td><td class=\"n\">{}</td><td>{}</td>",
                     score_text(pair.value()), interval,
                     pair_strip(pair, table.chance, baseline.value, right));
  out += fmt::format("<td class=\"n\">{}<small>largest {}</small></td><td class=\"n\">{}</td>",
                     score_text(inference.null_mean), score_text(inference.null_largest),
                     score_text(pair.value() - inference.null_mean));
  out += fmt::format("<td class=\"n\">{}{}</td>", score_text(inference.p), floor);
  out += fmt::format(
      "<td class=\"wrap\">{}<small>{}</small></td><td class=\"n\">{}</td>"
      "<td class=\"where\">{} × {}</td></tr>\n",
      score_text(baseline.value),
      baseline.pair == nullptr
          ? ""
          : escape_html(baseline.pair->a->name) + " × " + escape_html(baseline.pair->b->name),
      score_text(pair.value() - baseline.value),
      escape_html(pair.layers_a()[static_cast<size_t>(pair.best_a())]),
      escape_html(pair.layers_b()[static_cast<size_t>(pair.best_b())]));
  return out;
}

constexpr const char* kStripLegend =
    R"(<div class="legend"><span><svg class="strip" style="min-width:0;width:26px" viewBox="0 0 26 14" aria-hidden="true"><path class="span" d="M1 7H25"/><circle class="dot" cx="13" cy="7" r="4"/></svg>value with its 95 % interval</span>)"
    R"(<span><svg class="strip" style="min-width:0;width:12px" viewBox="0 0 12 12" aria-hidden="true"><path class="base" d="M1 6l5 -5 5 5 -5 5z"/></svg>highest baseline</span>)"
    R"(<span><svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true"><rect class="band" width="18" height="12"/></svg>shuffled rows, mean to largest</span>)"
    R"(<span><svg class="strip" style="min-width:0;width:6px" viewBox="0 0 6 14" aria-hidden="true"><path class="chance" d="M3 0V14"/></svg>chance</span></div>)"
    "\n";

std::string details(const PairTable& table) {
  const auto pairs = table.trained();
  if (pairs.empty()) return "";
  double right = 0;
  for (const auto* pair : pairs)
    for (const double x : {pair->value(), pair->pair->inference.hi, table.baseline(*pair).value})
      if (!std::isnan(x)) right = std::max(right, x);
  std::string out = fmt::format(
      "<h3>Each pair of trained models</h3>\n{}<div class=\"scroll\" tabindex=\"0\"><table>"
      "<caption>The maximum over layers with what it has to be held against. The baseline is the "
      "highest value that a random-weights twin or a trivial encoder reaches in place of one "
      "side, at its own layer maximum.</caption>\n<thead><tr><th scope=\"col\">Pair</th>"
      "<th scope=\"col\" class=\"n\">Value</th><th scope=\"col\" class=\"n\">95 % interval</th>"
      "<th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">Null mean</th>"
      "<th scope=\"col\" class=\"n\">Over null</th>"
      "<th scope=\"col\" class=\"n\">p</th><th scope=\"col\">Highest baseline</th>"
      "<th scope=\"col\" class=\"n\">Over it</th><th scope=\"col\">Layers at the maximum</th>"
      "</tr></thead><tbody>\n",
      kStripLegend, strip_axis(right));
  for (const auto* pair : pairs) out += detail_row(table, *pair, right);
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string tables_section(const StudyView& study) {
  if (study.tables().empty())
    return "<section id=\"tables\"><h2>Alignment</h2><p>No pair of models was compared.</p>"
           "</section>\n";
  std::string out = "<section id=\"tables\">";
  bool first = true;
  for (const auto& table : study.tables()) {
    const std::string between = modalities(table);
    out +=
        fmt::format("<h2>Alignment{}{}</h2>\n", between.empty() ? "" : ", ", escape_html(between));
    if (first)
      out +=
          "<p>Each cell is the highest score over all pairs of layers. Random-weights twins "
          "share a model's architecture and nothing of its training; trivial encoders see "
          "colours or words alone. Read a trained pair by what it has beyond them.</p>\n";
    first = false;
    out += matrix(table) + reasons(table) + details(table);
  }
  return out + "</section>\n";
}

}  // namespace consilience::engine
