#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.h"
#include "engine/metrics/prepared_grid.h"
#include "engine/types/conditioning.h"
#include "engine/types/metric_spec.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// A parameter of a metric.
struct ParameterInfo {
  std::string_view name;
  std::string_view default_text;
  double lowest = 0, highest = 0;                    // numbers; lowest > highest: a word
  bool whole = false;                                // only whole numbers
  std::span<const std::string_view> words = {};      // a word: what it may be
  bool (*accepts)(std::string_view text) = nullptr;  // a word that is no fixed one: "0.5 x median"
  std::string_view meaning;
};

enum class Needs { graphs, features, both };

/// What is known of a metric; metric_table() is the one list of them.
struct MetricInfo {
  std::string_view name;
  std::string_view family;   // "neighbours", "kernels", "alignment", "rdm", "one space"
  std::string_view summary;  // half a line
  std::string_view formula;
  std::span<const ParameterInfo> parameters = {};
  std::string_view preprocess = "raw";  // unless the spec says otherwise
  int spaces = 2;                       // 1: of one space
  bool symmetric = true;                // score(a, b) = score(b, a)
  bool larger_is_closer = true;         // false: a distance
  double lowest = 0, highest = 1;       // the range
  Needs needs = Needs::features;
  int fixed_k = 0;  // neighbours a row that graphs must keep for a metric without a k
  kernels::Similarity graph = kernels::Similarity::dot;  // the graphs' order, where preprocess is
                                                         // not "conditioned"
  std::string_view invariances;  // what may be done to either side's features without a change
  std::string_view cost;
  bool shared_passes = false;  // a whole zoo in one grid costs far less than its pairs
  bool costly = false;         // a matrix decomposition for every layer pair and relabelling
  std::string_view chance;     // the expected value under a random relabelling
  std::string_view undefined;  // where it has no value
  std::string_view pitfalls;
  std::string_view source;
  Prepare prepare = nullptr;
};

[[nodiscard]] std::span<const MetricInfo> metric_table();
/// Throws Error(usage) naming the nearest one.
[[nodiscard]] const MetricInfo& metric_info(std::string_view name);

/// "mutual_knn(k=10)", "svcca_rank(rank=5, preprocess=standardise)": missing parameters get their
/// defaults. Throws Error(usage) that says what is known.
[[nodiscard]] MetricSpec parse_metric(std::string_view text);
/// From {"metric": .., "params": {..}, "preprocess": ..}, in the words of the golden values.
[[nodiscard]] MetricSpec metric_from_json(const Json& request);

/// What parse_metric reads, defaults of "auto" and of the preprocessing left out.
[[nodiscard]] std::string metric_text(const MetricSpec& metric);

/// Neighbours a row that the metric reads from graphs; 0: it needs none.
[[nodiscard]] int neighbors_needed(const MetricSpec& metric);

/// The k to build graphs with so that every metric finds its lists: the largest k below n, or the
/// smallest k when n allows none (the graph then says why). 0: no metric needs graphs.
[[nodiscard]] int graph_neighbors(std::span<const MetricSpec> metrics, int64_t n);

}  // namespace consilience::engine
