#include <fmt/format.h>

#include <set>

#include "engine/report/sections.h"

namespace consilience::engine {

std::string modalities(const PairTable& table) {
  if (table.modality_a == table.modality_b) return table.modality_a;
  return fmt::format("{} × {}", table.modality_a, table.modality_b);
}

std::string table_title(const StudyView& study, const PairTable& table, const std::string& before) {
  std::set<std::string> metrics;
  for (const auto& other : study.tables()) metrics.insert(other.metric);
  std::string title = modalities(table);
  if (metrics.size() > 1) title += (title.empty() ? "" : ", ") + metric_in_words(table.spec);
  return title.empty() ? "" : before + title;
}

}  // namespace consilience::engine
