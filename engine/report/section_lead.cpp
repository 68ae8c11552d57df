#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/sections.h"

namespace consilience::engine {
namespace {

std::string pair_name(const PairView& pair) {
  return escape_html(pair.a->name) + " × " + escape_html(pair.b->name);
}

/// What the lead sentences count over the pairs of trained models of one table.
struct Findings {
  std::vector<const PairView*> pairs;  // defined, both trained
  const PairView *lowest = nullptr, *highest = nullptr;
  int64_t with_null = 0, above_null = 0;
  int64_t with_baseline = 0, above_baseline = 0;  // the whole interval
  double smallest_excess = std::numeric_limits<double>::infinity();
  double largest_excess = -std::numeric_limits<double>::infinity();
  double largest_null = std::numeric_limits<double>::quiet_NaN();
  Baseline highest_baseline;
  int64_t twin_pairs = 0, twins_above_null = 0;
};

Findings findings_of(const PairTable& table) {
  Findings found;
  for (const auto& pair : table.pairs) {
    if (!pair.defined()) continue;
    const auto& inference = pair.pair->inference;
    const bool above = pair.value() > inference.null_largest;
    if ((pair.a->role == "random" || pair.b->role == "random") &&
        !std::isnan(inference.null_largest)) {
      ++found.twin_pairs;
      if (above) ++found.twins_above_null;
    }
    if (!pair.trained()) continue;
    found.pairs.push_back(&pair);
    if (found.lowest == nullptr || pair.value() < found.lowest->value()) found.lowest = &pair;
    if (found.highest == nullptr || pair.value() > found.highest->value()) found.highest = &pair;
    if (!std::isnan(inference.null_largest)) {
      ++found.with_null;
      if (above) ++found.above_null;
      found.largest_null = std::fmax(found.largest_null, inference.null_largest);
    }
    const auto baseline = table.baseline(pair);
    if (baseline.pair == nullptr) continue;
    if (found.highest_baseline.pair == nullptr || baseline.value > found.highest_baseline.value)
      found.highest_baseline = baseline;
    found.smallest_excess = std::min(found.smallest_excess, pair.value() - baseline.value);
    found.largest_excess = std::max(found.largest_excess, pair.value() - baseline.value);
    if (std::isnan(inference.lo)) continue;
    ++found.with_baseline;
    if (inference.lo > baseline.value) ++found.above_baseline;
  }
  return found;
}

std::string of(int64_t part, int64_t all) {
  if (part == all) return all == 1 ? "It" : fmt::format("All {}", all);
  return part == 0 ? fmt::format("None of the {}", all) : fmt::format("{} of {}", part, all);
}

std::string values_sentence(const PairTable& table, const Findings& found) {
  const std::string metric = escape_html(metric_in_words(table.metric));
  const std::string between =
      table.modality_a == table.modality_b
          ? "two trained models"
          : fmt::format("a trained {} model and a trained {} model", escape_html(table.modality_a),
                        escape_html(table.modality_b));
  if (found.pairs.size() == 1)
    return fmt::format("Between {}, {} at its layer maximum is <b>{}</b>; chance is {}.",
                       pair_name(*found.highest), metric, score_text(found.highest->value()),
                       score_text(table.chance));
  return fmt::format(
      "Over {} pairs of {}, {} at its layer maximum runs from {} ({}) to <b>{}</b> ({}); chance is "
      "{}.",
      found.pairs.size(), between, metric, score_text(found.lowest->value()),
      pair_name(*found.lowest), score_text(found.highest->value()), pair_name(*found.highest),
      score_text(table.chance));
}

std::string null_sentence(const Findings& found, int permutations) {
  if (found.with_null == 0)
    return "No permutations were run, so nothing is said here about dependence.";
  std::string out =
      fmt::format("{} exceed{} the largest of {} in which the rows of one side were shuffled",
                  of(found.above_null, found.with_null), found.above_null == 1 ? "s" : "",
                  counted(permutations, "permutation"));
  if (found.twin_pairs == 0)
    return out +
           ": this speaks of dependence between the two sides, not of learning; no "
           "random-weights twins were run to tell the two apart.";
  out += found.twins_above_null > 0
             ? fmt::format(
                   ", and so do {} of {} pairs with a random-weights twin: this speaks of "
                   "dependence between the two sides, not of what was learned.",
                   found.twins_above_null, found.twin_pairs)
             : fmt::format(", and none of {} pairs with a random-weights twin does.",
                           found.twin_pairs);
  return out;
}

std::string baseline_sentence(const Findings& found) {
  if (found.highest_baseline.pair == nullptr)
    return "There is no random-weights twin and no trivial encoder to compare with.";
  std::string out;
  if (found.with_baseline > 0)
    out = fmt::format(
        "{} {} the whole 95 % interval above the highest baseline, a random-weights twin or a "
        "trivial encoder in place of one side; ",
        of(found.above_baseline, found.with_baseline), found.above_baseline == 1 ? "has" : "have");
  out += fmt::format("{} excess over that baseline is {}", out.empty() ? "The" : "the",
                     score_text(found.smallest_excess));
  if (found.largest_excess > found.smallest_excess)
    out += fmt::format(" to {}", score_text(found.largest_excess));
  return out + ".";
}

std::string key_figure(const std::string& what, double value, const std::string& where) {
  if (std::isnan(value)) return "";
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>", what, score_text(value),
                     where);
}

std::string key_figures(const PairTable& table, const Findings& found) {
  const auto& baseline = found.highest_baseline;
  return "<dl class=\"key\">" +
         key_figure("Highest pair", found.highest->value(), pair_name(*found.highest)) +
         key_figure("Highest baseline", baseline.value,
                    baseline.pair == nullptr ? "" : pair_name(*baseline.pair)) +
         key_figure("Largest null", found.largest_null, "of the maximum over layers") +
         key_figure("Chance", table.chance, "one layer pair, independent sides") + "</dl>\n";
}

}  // namespace

std::string lead_section(const StudyView& study, const std::vector<Caveat>& fired) {
  const PairTable* shown = nullptr;
  for (const auto& table : study.tables())
    if (shown == nullptr && !findings_of(table).pairs.empty()) shown = &table;
  if (shown == nullptr)
    return "<p class=\"lead\">No pair of trained models has a value: there is nothing to report "
           "but what was tried.</p>\n";
  const auto found = findings_of(*shown);
  std::string out =
      fmt::format("<p class=\"lead\">{}</p>\n<p>{} {}</p>\n", values_sentence(*shown, found),
                  null_sentence(found, study.study().permutations), baseline_sentence(found));
  const auto warnings = std::count_if(fired.begin(), fired.end(), [](const auto& caveat) {
    return caveat.severity == Severity::warning;
  });
  if (warnings > 0)
    out += fmt::format("<p>Read it with <a href=\"#caveats\">{}</a>.</p>\n",
                       counted(warnings, "warning"));
  return out + key_figures(*shown, found);
}

}  // namespace consilience::engine
