#pragma once
#include <string>

#include "engine/report/caveats.h"
#include "engine/report/metric_words.h"
#include "engine/report/study_view.h"

namespace consilience::engine {

/// The parts of the page, in its order. Each returns HTML that is complete and escaped; one that
/// has nothing to say returns "".
[[nodiscard]] std::string lead_section(const StudyView& study, const std::vector<Caveat>& fired);
[[nodiscard]] std::string measured_section(const StudyView& study);
[[nodiscard]] std::string tables_section(const StudyView& study);
[[nodiscard]] std::string maps_section(const StudyView& study);
[[nodiscard]] std::string curves_section(const StudyView& study);
[[nodiscard]] std::string caveats_section(const std::vector<Caveat>& fired);
[[nodiscard]] std::string models_section(const StudyView& study);
[[nodiscard]] std::string methods_section(const StudyView& study);
[[nodiscard]] std::string skipped_section(const StudyView& study);

/// One score, taken apart: the leading pair's ladder drawn, and every pair's in a table.
[[nodiscard]] std::string ladder_section(const StudyView& study);

/// "vision × text, mutual k-NN (k=10)": what tells a table of the study from the others; `before`
/// stands before it unless it is empty.
[[nodiscard]] std::string table_title(const StudyView& study, const PairTable& table,
                                      const std::string& before = "");
/// "vision × text"; "vision" within one modality; "" where none is known.
[[nodiscard]] std::string modalities(const PairTable& table);

}  // namespace consilience::engine
