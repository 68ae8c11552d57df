#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/report/format.h"
#include "engine/report/sections.h"
#include "engine/report/tables.h"

namespace consilience::engine {
namespace {

constexpr int64_t kRowName = 32, kColumnName = 18;
constexpr size_t kMostLines = 40;  // pairs told one by one

bool new_role(const std::vector<const ModelSummary*>& models, size_t at) {
  return at > 0 && models[at]->role != models[at - 1]->role;
}

std::string matrix(const PairTable& table) {
  int64_t first = text_width(modalities(table));
  std::vector<std::string> names;
  for (const auto* row : table.rows)
    first = std::max(first, text_width(names.emplace_back(shorten(row->name, kRowName))));
  std::string out = left_aligned(modalities(table), first);
  std::vector<int64_t> widths;
  for (size_t j = 0; j < table.columns.size(); ++j) {
    const std::string name = shorten(table.columns[j]->name, kColumnName);
    widths.push_back(std::max<int64_t>(5, text_width(name)));
    out += (new_role(table.columns, j) ? "  | " : "  ") + right_aligned(name, widths.back());
  }
  out += '\n';
  for (size_t i = 0; i < table.rows.size(); ++i) {
    if (new_role(table.rows, i)) out += std::string(static_cast<size_t>(first), '-') + '\n';
    out += left_aligned(names[i], first);
    for (size_t j = 0; j < table.columns.size(); ++j) {
      const auto* pair = table.find(table.rows[i], table.columns[j]);
      out += (new_role(table.columns, j) ? "  | " : "  ") +
             right_aligned(pair == nullptr ? "" : score_text(pair->value()), widths[j]);
    }
    out += '\n';
  }
  return out;
}

std::string pair_lines(const PairTable& table) {
  auto pairs = table.trained();
  if (pairs.empty()) return "";
  const size_t all = pairs.size();
  pairs.resize(std::min(all, kMostLines));
  int64_t wide = text_width("pair");
  const auto name = [](const PairView& pair) {
    return shorten(pair.a->name, kRowName) + " x " + shorten(pair.b->name, kRowName);
  };
  for (const auto* pair : pairs) wide = std::max(wide, text_width(name(*pair)));
  std::string out = "\n" + left_aligned("pair", wide) +
                    "  value  95 % interval  null mean furthest     p  baseline\n";
  for (const auto* pair : pairs) {
    out += left_aligned(name(*pair), wide) + right_aligned(score_text(pair->value()), 7);
    if (!pair->defined()) {
      out += "  " + clean_utf8(pair->pair->score.reason) + '\n';
      continue;
    }
    const auto& inference = pair->pair->inference;
    const auto baseline = table.baseline(*pair);
    const std::string interval = std::isnan(inference.lo)
                                     ? "—"
                                     : score_text(inference.lo) + " – " + score_text(inference.hi);
    out += right_aligned(interval, 15) + right_aligned(score_text(inference.null_mean), 11) +
           right_aligned(score_text(inference.null_largest), 9) +
           right_aligned(score_text(inference.p), 6) +
           right_aligned(score_text(baseline.value), 10);
    if (baseline.pair != nullptr) out += "  " + name(*baseline.pair);
    out += '\n';
  }
  if (all > pairs.size()) out += fmt::format("and {} more: tables/pairs.csv\n", all - pairs.size());
  return out;
}

}  // namespace

std::string terminal_tables(const StudyResult& study) {
  const StudyView view(study);
  if (view.tables().empty()) return "no pair of models was compared\n";
  std::string out;
  for (const auto& table : view.tables()) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{}, {} over layers, chance {}\n\n", clean_utf8(table.metric),
                       extreme(table.larger_is_closer), score_text(table.chance));
    out += matrix(table) + pair_lines(table);
  }
  return out;
}

}  // namespace consilience::engine
