#pragma once
#include <string>
#include <vector>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// Every layer pair of every model pair, one row each. The row of the maximum also carries the null
/// and the interval, which are of the maximum; a pair without layers has one row with the reason.
[[nodiscard]] std::vector<ScoreRow> tidy_rows(const StudyResult& study);

/// RFC 4180 with a header; undefined numbers are empty, others the shortest that read back the
/// same.
[[nodiscard]] std::string scores_csv(const std::vector<ScoreRow>& rows);
/// A JSON array of objects, keys in the CSV's column order, undefined numbers null.
[[nodiscard]] std::string scores_json(const std::vector<ScoreRow>& rows);
/// One line a pair: the maximum, where it is, its null, p, interval and highest baseline.
[[nodiscard]] std::string pairs_csv(const StudyResult& study);

/// The tables of maxima for a terminal: plain text, aligned, baselines beside the trained models.
[[nodiscard]] std::string terminal_tables(const StudyResult& study);

/// A ladder for a terminal: a rung a line with a bar of 30 cells, what it is from or why it is
/// missing, then the excess, what is left for instances, and the sentences to quote.
[[nodiscard]] std::string ladder_text(const Ladder& ladder);

}  // namespace consilience::engine
