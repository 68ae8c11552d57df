#include <fmt/format.h>

#include <algorithm>

#include "engine/report/format.h"
#include "engine/report/sections.h"
#include "engine/report/svg.h"

namespace consilience::engine {
namespace {

// What keeps a page of a large study readable: the rest is in the tables folder.
constexpr size_t kOpenMaps = 24;
constexpr int64_t kMostCells = 100'000;

std::string maps_of(const PairTable& table, int64_t& cells_left) {
  std::vector<const PairView*> open, folded;
  for (const bool trained : {true, false})
    for (const auto& pair : table.pairs)
      if (pair.trained() == trained && pair.defined())
        (trained && open.size() < kOpenMaps ? open : folded).push_back(&pair);
  size_t left_out = 0;
  const auto draw = [&](const std::vector<const PairView*>& pairs) {
    std::string out = "<div class=\"maps\">\n";
    for (const auto* pair : pairs) {
      const auto cells = static_cast<int64_t>(pair->pair->score.grid.values().size());
      if (cells > cells_left) {
        ++left_out;
        continue;
      }
      cells_left -= cells;
      out += layer_map(*pair, table.heat);
    }
    return out + "</div>\n";
  };
  if (open.empty() && folded.empty()) return "";
  std::string out;
  if (!open.empty()) out += heat_legend(table.heat, true) + draw(open);
  if (!folded.empty())
    out += fmt::format(
        "<details><summary>{} with {}random twins and trivial encoders</summary>\n{}</details>\n",
        counted(static_cast<int64_t>(folded.size()), "map"),
        open.size() < kOpenMaps ? "" : "further models, ", draw(folded));
  if (left_out > 0)
    out += fmt::format(
        "<p class=\"small\">{} left out to keep this page small: every value is in "
        "tables/scores.csv.</p>\n",
        counted(static_cast<int64_t>(left_out), "map"));
  return out;
}

}  // namespace

std::string maps_section(const StudyView& study) {
  std::string out;
  int64_t cells_left = kMostCells;
  for (const auto& table : study.tables()) {
    const std::string maps = maps_of(table, cells_left);
    if (maps.empty()) continue;
    if (study.tables().size() > 1)
      out += fmt::format("<h3>{}</h3>\n", escape_html(table_title(study, table)));
    out += maps;
  }
  if (out.empty()) return "";
  return "<section id=\"maps\"><h2>Layer by layer</h2>\n<p>Rows are the layers of the first model, "
         "from its input at the top; columns are those of the second, from its input at the left. "
         "All maps of a table share one scale.</p>\n" +
         out + "</section>\n";
}

}  // namespace consilience::engine
