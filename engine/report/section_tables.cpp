#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/report/format.h"
#include "engine/report/html_parts.h"
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
  return fmt::format("<td class=\"heat {}{}\">{}</td>", heat_class(pair->value(), table.heat),
                     space, score_text(pair->value()));
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
                         name_block(table.columns[j]->name));
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
  const char* best = extreme(table.larger_is_closer);
  std::string out = fmt::format("{}, the {} over layer pairs{}.", escape_html(table.metric), best,
                                table.larger_is_closer ? "" : " (a distance: smaller is closer)");
  if (!std::isnan(table.chance))
    out += fmt::format(" Chance for one layer pair {}.", score_text(table.chance));
  if (!means.empty())
    out +=
        fmt::format(" Shuffled rows, trained pairs: mean of the {} {}, {} {}.", best, range(means),
                    table.larger_is_closer ? "largest" : "smallest", range(largest));
  return out;
}

std::string matrix(const PairTable& table) {
  std::string out = open_table("Maxima, " + modalities(table), matrix_caption(table), "matrix") +
                    column_heads(table) + "<tbody>\n";
  for (size_t i = 0; i < table.rows.size(); ++i) {
    if (i == 0 || starts_role(table.rows, i))
      out += fmt::format("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
                         table.columns.size() + 1, role_heading(*table.rows[i]));
    out += fmt::format("<tr><th scope=\"row\">{}</th>", name_block(table.rows[i]->name));
    for (size_t j = 0; j < table.columns.size(); ++j)
      out +=
          cell(table, table.find(table.rows[i], table.columns[j]), starts_role(table.columns, j));
    out += "</tr>\n";
  }
  return out + close_table() + heat_legend(table.heat, false);
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

/// The model that stands in for one side, and for which.
std::string stand_in(const PairView& pair, const Baseline& baseline) {
  if (baseline.pair == nullptr) return "none in this study";
  const auto& other = *baseline.pair;
  const bool for_a = other.b == pair.b || other.a == pair.b;
  if (!for_a && other.a != pair.a && other.b != pair.a)
    return fmt::format("{} × {} for both", other.a->name, other.b->name);
  const auto* model =
      for_a ? (other.b == pair.b ? other.a : other.b) : (other.a == pair.a ? other.b : other.a);
  return fmt::format("{} for {}", model->name, for_a ? pair.a->name : pair.b->name);
}

std::string detail_row(const PairTable& table, const PairView& pair, const Scale& scale) {
  const auto& inference = pair.pair->inference;
  std::string out =
      fmt::format("<tr><th scope=\"row\">{}</th>", name_block(pair.a->name, "× " + pair.b->name));
  if (!pair.defined())
    return out +
           fmt::format("<td class=\"n\">—</td><td class=\"wrap\" colspan=\"8\">{}</td></tr>\n",
                       escape_html(pair.pair->score.reason));
  const auto baseline = table.baseline(pair);
  const auto number = [&](const std::string& text, const std::string& beneath) {
    out += fmt::format("<td class=\"n\">{}<small>{}</small></td>", text, beneath);
  };
  const auto layer = [](const std::vector<std::string>& layers, int64_t at) {
    return escape_html(layers[static_cast<size_t>(at)]);
  };
  number("<b>" + score_text(pair.value()) + "</b>", "");
  number(
      std::isnan(inference.lo) ? "—" : score_text(inference.lo) + " – " + score_text(inference.hi),
      escape_html(inference.interval_reason));
  out += fmt::format("<td>{}</td>", pair_strip(pair, table.chance, baseline.value, scale));
  number(score_text(inference.null_mean),
         (table.larger_is_closer ? "largest " : "smallest ") + score_text(inference.null_largest));
  number(score_text(table.gain(pair.value(), inference.null_mean)), "");
  std::string all_pairs = inference.p <= inference.p_floor ? "floor" : "";
  if (!std::isnan(inference.p_fwer)) all_pairs += "<br>all pairs " + score_text(inference.p_fwer);
  if (!std::isnan(inference.p_bh)) all_pairs += "<br>BH " + score_text(inference.p_bh);
  number(score_text(inference.p), all_pairs);
  out += fmt::format("<td class=\"wrap\">{}<small>{}</small></td>", score_text(baseline.value),
                     escape_html(stand_in(pair, baseline)));
  number(score_text(table.gain(pair.value(), baseline.value)), "");
  return out +
         fmt::format("<td class=\"where\"><small>{}</small><small>×&nbsp;{}</small></td></tr>\n",
                     layer(pair.layers_a(), pair.best_a()), layer(pair.layers_b(), pair.best_b()));
}

constexpr const char* kStripLegend =
    R"(<div class="legend"><span><svg class="strip" style="min-width:0;width:26px" viewBox="0 0 26 14" aria-hidden="true"><path class="span" d="M1 7H25"/><circle class="dot" cx="13" cy="7" r="4"/></svg>value with its 95 % interval</span>)"
    R"(<span><svg class="strip" style="min-width:0;width:12px" viewBox="0 0 12 12" aria-hidden="true"><path class="base" d="M1 6l5 -5 5 5 -5 5z"/></svg>closest baseline</span>)"
    R"(<span><svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true"><rect class="band" width="18" height="12"/></svg>shuffled rows, mean to furthest</span>)"
    R"(<span><svg class="strip" style="min-width:0;width:6px" viewBox="0 0 6 14" aria-hidden="true"><path class="chance" d="M3 0V14"/></svg>chance</span></div>)"
    "\n";

std::string details(const PairTable& table) {
  const auto pairs = table.trained();
  if (pairs.empty()) return "";
  std::vector<double> shown{table.chance};
  for (const auto* pair : pairs) {
    const auto& inference = pair->pair->inference;
    for (const double x : {pair->value(), inference.lo, inference.hi, inference.null_mean,
                           inference.null_largest, table.baseline(*pair).value})
      shown.push_back(x);
  }
  const Scale scale = scale_over(shown);
  std::string out =
      "<h3>Each pair of trained models</h3>\n" + std::string(kStripLegend) +
      open_table("Pairs of trained models, " + modalities(table),
                 fmt::format("The {} over layers with what it has to be held against. "
                             "The baseline is the closest that random-weights twins "
                             "and trivial encoders come in place of a side, at their "
                             "own layer {}. Under p: over all pairs, family-wise and by "
                             "Benjamini and Hochberg.",
                             extreme(table.larger_is_closer), extreme(table.larger_is_closer)));
  const std::string beyond = table.larger_is_closer ? "Over" : "Under";
  out += "<thead><tr>" + column_head("Pair") + column_head("Value", true) +
         column_head("95 % interval", true) + "<th scope=\"col\">" + strip_axis(scale) + "</th>" +
         column_head("Null mean", true) + column_head(beyond + " null", true) +
         column_head("p", true) +
         column_head(table.larger_is_closer ? "Highest baseline" : "Lowest baseline") +
         column_head(beyond + " it", true) + column_head("At layers") + "</tr></thead><tbody>\n";
  for (const auto* pair : pairs) out += detail_row(table, *pair, scale);
  return out + close_table();
}

}  // namespace

std::string tables_section(const StudyView& study) {
  if (study.tables().empty())
    return "<section id=\"tables\"><h2>Alignment</h2><p>No pair of models was compared.</p>"
           "</section>\n";
  std::string out = "<section id=\"tables\">";
  bool first = true;
  for (const auto& table : study.tables()) {
    out += fmt::format("<h2>Alignment{}</h2>\n", escape_html(table_title(study, table, ", ")));
    if (first)
      out +=
          "<p>Each cell is the best score over all pairs of layers: the highest, of a distance the "
          "lowest. Random-weights twins "
          "share a model's architecture and nothing of its training; trivial encoders see "
          "colours or words alone. Read a trained pair by what it has beyond them.</p>\n";
    first = false;
    out += matrix(table) + reasons(table) + details(table);
  }
  return out + "</section>\n";
}

}  // namespace consilience::engine
