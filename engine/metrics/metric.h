#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/types/score.h"

namespace consilience::engine {

/// What is known of a metric; the table is the one list of them.
struct MetricInfo {
  std::string_view name;
  std::string_view parameters;   // "k: neighbours, 1 .. 1024, default 10"
  bool symmetric;                // score(a, b) = score(b, a)
  double lowest, highest;        // the range
  std::string_view needs;        // "neighbour graphs"
  std::string_view invariances;  // what may be done to either side's features without a change
  std::string_view chance;       // the expected value under a random relabelling
  std::string_view undefined;    // where it has no value
  std::string_view source;
};

[[nodiscard]] std::span<const MetricInfo> metric_table();

/// "mutual_knn(k=10)" or "mutual_knn" with defaults. Throws Error(usage) that says what is known.
[[nodiscard]] MetricSpec parse_metric(std::string_view text);

/// "mutual_knn(k=10)": what parse_metric reads.
[[nodiscard]] std::string metric_text(const MetricSpec& metric);

/// "mutual_knn(k=10, n=1024, clamp=0.95/layer, l2)": a name with all that the value depends on.
[[nodiscard]] std::string printed_name(const MetricSpec& metric, int64_t n,
                                       const std::string& conditioning);
[[nodiscard]] std::string printed_name(const PairScore& score);

/// The k to build graphs with so that every metric finds its lists: the largest k below n, or the
/// smallest k when n allows none (the graph then says why).
[[nodiscard]] int graph_neighbors(std::span<const MetricSpec> metrics, int64_t n);

}  // namespace consilience::engine
