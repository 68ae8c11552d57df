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
  const PairView *farthest = nullptr, *closest = nullptr;
  int64_t with_null = 0, beyond_null = 0;
  int64_t with_interval = 0, beyond_baseline = 0;  // the whole interval of the excess
  double smallest_excess = std::numeric_limits<double>::infinity();
  double largest_excess = -std::numeric_limits<double>::infinity();
  double furthest_null = kUnknown;
  Baseline closest_baseline;
  int64_t twin_pairs = 0, twins_beyond_null = 0;
};

/// The excess over the highest baseline and its lower end: of the ladder where there is one, else
/// over twins and trivial encoders as constants.
std::pair<double, double> excess_of(const StudyView& study, const PairTable& table,
                                    const PairView& pair) {
  if (const Ladder* ladder = study.ladder(pair)) return {ladder->excess, ladder->excess_lo};
  const auto& inference = pair.pair->inference;
  const double baseline = table.baseline(pair).value;
  const double nearer = table.larger_is_closer ? inference.lo : inference.hi;
  return {table.gain(pair.value(), baseline), table.gain(nearer, baseline)};
}

Findings findings_of(const StudyView& study, const PairTable& table) {
  Findings found;
  const auto closer = [&](double value, double than) { return table.gain(value, than) > 0; };
  for (const auto& pair : table.pairs) {
    if (!pair.defined()) continue;
    const double null = pair.pair->inference.null_largest;
    const bool beyond = closer(pair.value(), null);
    if ((pair.a->role == "random" || pair.b->role == "random") && !std::isnan(null)) {
      ++found.twin_pairs;
      if (beyond) ++found.twins_beyond_null;
    }
    if (!pair.trained()) continue;
    found.pairs.push_back(&pair);
    if (found.farthest == nullptr || closer(found.farthest->value(), pair.value()))
      found.farthest = &pair;
    if (found.closest == nullptr || closer(pair.value(), found.closest->value()))
      found.closest = &pair;
    if (!std::isnan(null)) {
      ++found.with_null;
      if (beyond) ++found.beyond_null;
      if (std::isnan(found.furthest_null) || closer(null, found.furthest_null))
        found.furthest_null = null;
    }
    const auto baseline = table.baseline(pair);
    if (baseline.pair != nullptr && (found.closest_baseline.pair == nullptr ||
                                     closer(baseline.value, found.closest_baseline.value)))
      found.closest_baseline = baseline;
    const auto [excess, excess_lo] = excess_of(study, table, pair);
    if (std::isnan(excess)) continue;
    found.smallest_excess = std::min(found.smallest_excess, excess);
    found.largest_excess = std::max(found.largest_excess, excess);
    if (std::isnan(excess_lo)) continue;
    ++found.with_interval;
    if (excess_lo > 0) ++found.beyond_baseline;
  }
  return found;
}

std::string of(int64_t part, int64_t all) {
  if (part == all) return all == 1 ? "It" : fmt::format("All {}", all);
  return part == 0 ? fmt::format("None of the {}", all) : fmt::format("{} of {}", part, all);
}

std::string lower(std::string text) {
  if (text.starts_with("All") || text.starts_with("None"))
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string values_sentence(const PairTable& table, const Findings& found) {
  const std::string metric = escape_html(metric_in_words(table.metric));
  const std::string chance =
      (table.larger_is_closer ? "" : "; it is a distance, smaller is closer") +
      (std::isnan(table.chance) ? std::string() : "; chance is " + score_text(table.chance)) + ".";
  const std::string between =
      table.modality_a == table.modality_b
          ? "two trained models"
          : fmt::format("a trained {} model and a trained {} model", escape_html(table.modality_a),
                        escape_html(table.modality_b));
  if (found.pairs.size() == 1)
    return fmt::format("Between {}, {} at its layer {} is <b>{}</b>{}", pair_name(*found.closest),
                       metric, extreme(table.larger_is_closer), score_text(found.closest->value()),
                       chance);
  return fmt::format(
      "Over {} pairs of {}, {} at its layer {} runs from {} ({}) to <b>{}</b> ({}){}",
      found.pairs.size(), between, metric, extreme(table.larger_is_closer),
      score_text(found.farthest->value()), pair_name(*found.farthest),
      score_text(found.closest->value()), pair_name(*found.closest), chance);
}

std::string null_sentence(const PairTable& table, const Findings& found, int permutations) {
  if (found.with_null == 0)
    return "No permutations were run, so nothing is said here about dependence.";
  const bool one = found.beyond_null == 1;
  std::string out = fmt::format("{} {} of {} in which the rows of one side were shuffled",
                                of(found.beyond_null, found.with_null),
                                table.larger_is_closer
                                    ? (one ? "exceeds the largest" : "exceed the largest")
                                    : (one ? "lies below the smallest" : "lie below the smallest"),
                                counted(permutations, "permutation"));
  if (found.twin_pairs == 0)
    return out +
           ": this speaks of dependence between the two sides, not of learning; no "
           "random-weights twins were run to tell the two apart.";
  out += found.twins_beyond_null > 0
             ? fmt::format(
                   ", and so do {} of {} pairs with a random-weights twin: this speaks of "
                   "dependence between the two sides, not of what was learned.",
                   found.twins_beyond_null, found.twin_pairs)
             : fmt::format(", and none of {} pairs with a random-weights twin does.",
                           found.twin_pairs);
  return out;
}

std::string baseline_sentence(const PairTable& table, const Findings& found) {
  if (found.closest_baseline.pair == nullptr)
    return "There is no random-weights twin and no trivial encoder to compare with.";
  if (found.smallest_excess > found.largest_excess) return "";
  const std::string excess = fmt::format(
      "excess over the {} baseline (shuffled rows, a random-weights twin or a trivial encoder) is "
      "{}{}",
      table.larger_is_closer ? "highest" : "smallest", score_text(found.smallest_excess),
      found.largest_excess > found.smallest_excess ? " to " + score_text(found.largest_excess)
                                                   : "");
  if (found.with_interval == 0) return fmt::format("The {}.", excess);
  if (found.with_interval == 1)
    return fmt::format("The {}, and its 95 % interval is {}above 0.", excess,
                       found.beyond_baseline == 1 ? "" : "not ");
  const bool all = found.with_interval == std::ssize(found.pairs);
  return fmt::format("The {}; {}{} {} the whole 95 % interval of it above 0.", excess,
                     lower(of(found.beyond_baseline, found.with_interval)),
                     all ? "" : " that have an interval",
                     found.beyond_baseline == 1 ? "has" : "have");
}

/// The same metric between the other modalities, a sentence each.
std::string other_modalities(const StudyView& study, const PairTable& shown) {
  std::string sentences;
  for (const auto& table : study.tables()) {
    if (&table == &shown || table.metric != shown.metric || table.modality_a == table.modality_b)
      continue;
    const auto found = findings_of(study, table);
    if (!found.pairs.empty())
      sentences += fmt::format("<b>{}</b>: {} ", escape_html(modalities(table)),
                               values_sentence(table, found));
  }
  return sentences.empty() ? "" : "<p>" + sentences + "</p>\n";
}

std::string key_figure(const std::string& what, double value, const std::string& where) {
  if (std::isnan(value)) return "";
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>", what, score_text(value),
                     where);
}

std::string key_figures(const PairTable& table, const Findings& found) {
  const auto& baseline = found.closest_baseline;
  const bool larger = table.larger_is_closer;
  return "<dl class=\"key\">" +
         key_figure(larger ? "Highest pair" : "Closest pair", found.closest->value(),
                    pair_name(*found.closest)) +
         key_figure(larger ? "Highest baseline" : "Closest baseline", baseline.value,
                    baseline.pair == nullptr ? "" : pair_name(*baseline.pair)) +
         key_figure(larger ? "Largest null" : "Smallest null", found.furthest_null,
                    fmt::format("of the {} over layers", extreme(larger))) +
         key_figure("Chance", table.chance, "one layer pair, independent sides") + "</dl>\n";
}

}  // namespace

std::string lead_section(const StudyView& study, const std::vector<Caveat>& fired) {
  const PairTable* shown = nullptr;
  for (const auto& table : study.tables())
    if (shown == nullptr && !findings_of(study, table).pairs.empty()) shown = &table;
  if (shown == nullptr)
    return "<p class=\"lead\">No pair of trained models has a value: there is nothing to report "
           "but what was tried.</p>\n";
  const auto found = findings_of(study, *shown);
  std::string out = fmt::format(
      "<p class=\"lead\">{}</p>\n<p>{} {}</p>\n", values_sentence(*shown, found),
      null_sentence(*shown, found, study.study().permutations), baseline_sentence(*shown, found));
  out += other_modalities(study, *shown);
  const auto warnings = std::count_if(fired.begin(), fired.end(), [](const auto& caveat) {
    return caveat.severity == Severity::warning;
  });
  if (warnings > 0)
    out += fmt::format("<p>Read it with <a href=\"#caveats\">{}</a>.</p>\n",
                       counted(warnings, "warning"));
  return out + key_figures(*shown, found);
}

}  // namespace consilience::engine
