#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "kernels/base/backend.h"

namespace consilience::engine::selftest {

struct Request {
  bool coverage = true, type_one = true;
  bool brief = false;  // few trials, small n: says only that nothing is badly wrong
  uint64_t seed = 1;
};

/// One kind of interval on one law of data.
struct CoverageRow {
  std::string data, interval;
  int64_t n = 0;
  int draws = 0;          // independent data sets whose mean score is the truth
  int trials = 0;         // of them, with an interval
  double truth = 0;       // mean score over draws
  double coverage = 0;    // share of intervals that hold the truth
  double width = 0;       // mean width of the intervals
  double true_width = 0;  // 2 x 1.96 sd of the score over draws
  double least = 0;       // coverage that must be reached; 0: not judged
  double widest = 0;      // width / true_width that must not be exceeded
  [[nodiscard]] bool good() const;
};

/// How often one p is at most 0.05 on one kind of unrelated data.
struct TypeOneRow {
  std::string test, data;
  int64_t n = 0, d = 0;
  int trials = 0, rejected = 0;
  int fewest = 0, most = 0;  // what Bin(trials, 0.05) leaves with probability 0.001
  [[nodiscard]] bool good() const { return rejected >= fewest && rejected <= most; }
};

struct Result {
  std::vector<CoverageRow> coverage;
  std::vector<TypeOneRow> type_one;
  [[nodiscard]] bool good() const;
};

/// Simulates: whether 95 % intervals hold the truth in 95 % of the cases, and whether p <= 0.05 in
/// 5 % of the cases where there is nothing. The same numbers for any thread count.
[[nodiscard]] Result run(const kernels::Context& context, const Request& request);

[[nodiscard]] std::vector<CoverageRow> coverage_table(const kernels::Context& context,
                                                      const Request& request);
[[nodiscard]] std::vector<TypeOneRow> type_one_table(const kernels::Context& context,
                                                     const Request& request);

/// Smallest and largest count that Bin(trials, p) leaves on either side with at most 0.0005.
struct CountBounds {
  int fewest, most;
};
[[nodiscard]] CountBounds binomial_bounds(int trials, double p);

[[nodiscard]] std::string text_of(const Result& result);
[[nodiscard]] Json json_of(const Result& result);

}  // namespace consilience::engine::selftest
