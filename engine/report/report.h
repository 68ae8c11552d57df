#pragma once
#include <filesystem>
#include <string>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// One self-contained HTML page: inline SVG and CSS, no network, readable without scripts. The same
/// bytes for the same result.
[[nodiscard]] std::string render_html(const StudyResult& study);

/// Writes index.html, tables/scores.csv, tables/scores.json and tables/pairs.csv under `folder`,
/// each to a temporary file that is then renamed: a file is whole or absent. Throws
/// Error(transient) when the disk is full, Error(never) when the folder can't be written.
void write_report(const std::filesystem::path& folder, const StudyResult& study);

}  // namespace consilience::engine
