#include "engine/tasks/selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace consilience::engine::selftest {
namespace {

std::string coverage_text(const std::vector<CoverageRow>& rows) {
  std::string text = fmt::format(
      "Intervals of mutual_knn(k=10), nominal 95 %, n = {}. Truth: mean score of {} independent "
      "data sets;\ncoverage and width over {} of them. Width ratio: mean width / (2 x 1.96 sd of "
      "the score over data sets).\n\n{:<11}{:<17}{:>8}{:>10}{:>9}{:>12}{:>13}  required\n",
      rows.front().n, rows.front().draws, rows.front().trials, "data", "interval", "truth",
      "coverage", "width", "true width", "width ratio");
  for (const CoverageRow& row : rows) {
    text += fmt::format("{:<11}{:<17}{:>8.4f}{:>8.1f} %{:>9.4f}{:>12.4f}{:>13.2f}  ", row.data,
                        row.interval, row.truth, 100 * row.coverage, row.width, row.true_width,
                        row.width / row.true_width);
    text += row.least == 0 ? "not judged\n"
                           : fmt::format(">= {:.1f} %, ratio <= {:.1f}: {}\n", 100 * row.least,
                                         row.widest, row.good() ? "holds" : "FAILS");
  }
  return text;
}

/// A line a kind of data, a column a test.
std::string type_one_text(const std::vector<TypeOneRow>& rows) {
  std::vector<std::string> tests;
  for (const TypeOneRow& row : rows)
    if (std::ranges::find(tests, row.test) == tests.end()) tests.push_back(row.test);
  std::string text = fmt::format(
      "Share of p <= 0.05 (in %) where there is nothing to find, {} trials each. Required: {:.1f} "
      "to {:.1f} %,\nwhat a true 5 % leaves with probability 0.001 (binomial); ! outside.\n\n",
      rows.front().trials, 100.0 * rows.front().fewest / rows.front().trials,
      100.0 * rows.front().most / rows.front().trials);
  for (size_t t = 0; t < tests.size(); ++t)
    text += fmt::format("  {} {}\n", static_cast<char>('a' + t), tests[t]);
  text += fmt::format("\n{:>5}{:>6}  {:<13}", "n", "d", "data");
  for (size_t t = 0; t < tests.size(); ++t)
    text += fmt::format("{:>6} ", static_cast<char>('a' + t));
  for (size_t r = 0; r < rows.size(); ++r) {
    const TypeOneRow& row = rows[r];
    if (r % tests.size() == 0) text += fmt::format("\n{:>5}{:>6}  {:<13}", row.n, row.d, row.data);
    text += fmt::format("{:>6.1f}{}", 100.0 * row.rejected / row.trials, row.good() ? " " : "!");
  }
  return text + "\n";
}

}  // namespace

bool Result::good() const {
  const auto row_good = [](const auto& row) { return row.good(); };
  return std::ranges::all_of(coverage, row_good) && std::ranges::all_of(type_one, row_good);
}

Result run(const kernels::Context& context, const Request& request) {
  Result result;
  if (request.coverage) result.coverage = coverage_table(context, request);
  if (request.type_one) result.type_one = type_one_table(context, request);
  return result;
}

std::string text_of(const Result& result) {
  std::string text;
  if (!result.coverage.empty()) text += coverage_text(result.coverage) + "\n";
  if (!result.type_one.empty()) text += type_one_text(result.type_one) + "\n";
  return text + (result.good() ? "All of it holds.\n" : "Some of it FAILS.\n");
}

Json json_of(const Result& result) {
  Json coverage = Json::array();
  for (const CoverageRow& row : result.coverage)
    coverage.push_back({{"data", row.data},
                        {"interval", row.interval},
                        {"n", row.n},
                        {"draws", row.draws},
                        {"trials", row.trials},
                        {"truth", row.truth},
                        {"coverage", row.coverage},
                        {"width", row.width},
                        {"true_width", row.true_width},
                        {"judged", row.least > 0},
                        {"required_coverage", row.least},
                        {"widest_ratio", row.widest},
                        {"good", row.good()}});
  Json type_one = Json::array();
  for (const TypeOneRow& row : result.type_one)
    type_one.push_back({{"test", row.test},
                        {"data", row.data},
                        {"n", row.n},
                        {"d", row.d},
                        {"trials", row.trials},
                        {"rejected", row.rejected},
                        {"fewest", row.fewest},
                        {"most", row.most},
                        {"good", row.good()}});
  return {{"coverage", coverage}, {"type1", type_one}, {"good", result.good()}};
}

}  // namespace consilience::engine::selftest
