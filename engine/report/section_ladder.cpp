#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "engine/report/format.h"
#include "engine/report/html_parts.h"
#include "engine/report/ladder_parts.h"
#include "engine/report/sections.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

constexpr size_t kOpenRows = 24;
constexpr std::array kColumns = {"chance", "selection", "trivial", "random", "classes"};

std::string cell(const std::string& value, const std::string& beneath) {
  return fmt::format("<td class=\"n\">{}<small>{}</small></td>", value, beneath);
}

std::string table_row(const Ladder& ladder) {
  std::string out = fmt::format("<tr><th scope=\"row\">{}</th>",
                                name_block(ladder.model_a, "× " + ladder.model_b));
  const auto* score = find_rung(ladder, "score");
  const double lo = score == nullptr ? kUnknown : score->lo;
  const double hi = score == nullptr ? kUnknown : score->hi;
  out += cell("<b>" + score_text(rung_value(ladder, "score")) + "</b>", interval_text(lo, hi));
  const std::string over = ladder.highest.empty() ? "" : escape_html(highest_name(ladder));
  out += cell("<b>" + score_text(ladder.excess) + "</b>",
              interval_text(ladder.excess_lo, ladder.excess_hi));
  for (const char* key : kColumns) {
    const std::string value = score_text(rung_value(ladder, key));
    out += key == ladder.highest ? fmt::format("<td class=\"n high\">{}</td>", value)
                                 : fmt::format("<td class=\"n\">{}</td>", value);
  }
  return out + fmt::format("<td class=\"n\">{}</td></tr>\n", score_text(ladder.instances));
}

std::string table_of(const std::vector<const Ladder*>& ladders, size_t from, size_t to) {
  std::string out =
      open_table("Ladders",
                 "By excess. The highest baseline of a pair is marked; the excess is over it, its "
                 "95 % interval that of the difference in the same halves of the samples. Classes "
                 "are a part of the score, no baseline.",
                 "ladders");
  out += "<thead><tr>" + column_head("Pair") + column_head("Score", true) +
         column_head("Excess", true) + column_head("Chance", true) +
         column_head("Choosing layers", true) + column_head("Trivial encoder", true) +
         column_head("Random weights", true) + column_head("Agreement on classes", true) +
         column_head("Left for instances", true) + "</tr></thead><tbody>\n";
  for (size_t i = from; i < to; ++i) out += table_row(*ladders[i]);
  return out + close_table();
}

/// Why there are dashes in the table, each reason once with the pairs that it is for.
std::string reasons(const std::vector<const Ladder*>& ladders) {
  std::map<std::string, std::vector<std::string>> pairs;
  for (const auto* ladder : ladders) {
    const std::string pair = ladder->model_a + " × " + ladder->model_b;
    const auto add = [&](const std::string& what, const std::string& why) {
      auto& of = pairs[what + ": " + why];
      if (of.empty() || of.back() != pair) of.push_back(pair);
    };
    for (const auto& rung : ladder->rungs)
      if (std::isnan(rung.value)) add(rung.name, rung.missing);
    if (std::isnan(ladder->excess_lo)) add("interval of the excess", ladder->excess_missing);
  }
  if (pairs.empty()) return "";
  std::string out = "<p class=\"small\">— no value:</p><ul class=\"small\">";
  for (const auto& [reason, of] : pairs)
    out += fmt::format("<li>{}{}</li>", escape_html(reason),
                       of.size() == ladders.size() ? "" : escape_html(" (" + listed(of) + ")"));
  return out + "</ul>\n";
}

}  // namespace

std::string ladder_section(const StudyView& study) {
  const auto ladders = by_excess(study.study().ladders);
  if (ladders.empty()) return "";
  std::string out =
      "<section id=\"ladder\"><h2>One score, taken apart</h2>\n<p>A score counts for what it has "
      "beyond that which takes no learning. Each step is what one such explanation reaches by "
      "itself, on one scale; the excess is what lies beyond the highest of them.</p>\n";
  const auto leading = std::ranges::find_if(
      ladders, [](const auto* each) { return !std::isnan(rung_value(*each, "score")); });
  if (leading != ladders.end())
    out += ladder_chart(**leading) +
           fmt::format("<p class=\"quote\">{}</p>\n", escape_html((*leading)->wording));
  if (ladders.size() > 1 || leading == ladders.end()) {
    out += "<h3>Every pair</h3>\n" + table_of(ladders, 0, std::min(kOpenRows, ladders.size()));
    if (ladders.size() > kOpenRows)
      out += fmt::format("<details><summary>{} with a smaller excess</summary>\n{}</details>\n",
                         counted(static_cast<int64_t>(ladders.size() - kOpenRows), "pair"),
                         table_of(ladders, kOpenRows, ladders.size()));
    out += reasons(ladders);
  }
  return out + "</section>\n";
}

}  // namespace consilience::engine
