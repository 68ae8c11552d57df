#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/study_view.h"

namespace consilience::engine {

/// warning: may change how the main table is read. note: good to know beside it.
enum class Severity { warning, note };

/// One line of the table of caveats. `evidence` gives the sentence when the rule fires, with the
/// names and numbers that made it fire.
struct CaveatRule {
  std::string_view id;
  Severity severity;
  std::string_view title;
  std::optional<std::string> (*evidence)(const StudyView& study);
};

struct Caveat {
  std::string_view id;
  Severity severity;
  std::string_view title;
  std::string evidence;
};

[[nodiscard]] std::span<const CaveatRule> caveat_rules();
/// The rules that fire, warnings first, otherwise in the order of the table.
[[nodiscard]] std::vector<Caveat> caveats(const StudyView& study);

}  // namespace consilience::engine
