#pragma once
#include <array>
#include <string_view>
#include <vector>

#include "engine/metrics/metric.h"

/// The parts of the family's table, and what their entries share.
namespace consilience::engine {

inline constexpr std::array<std::string_view, 4> kSimilarities = {"auto", "cosine", "euclidean",
                                                                  "dot"};

inline constexpr ParameterInfo kK = {.name = "k",
                                     .default_text = "10",
                                     .lowest = 1,
                                     .highest = 1024,
                                     .whole = true,
                                     .meaning = "neighbours a row"};

inline constexpr ParameterInfo kSimilarity = {
    .name = "similarity",
    .default_text = "auto",
    .lowest = 1,
    .words = kSimilarities,
    .meaning = "what neighbours are ranked by; auto: as the features are conditioned"};

inline constexpr std::array kListParameters = {kK, kSimilarity};

inline constexpr std::string_view kInvariances =
    "under cosine: orthogonal maps, a common factor, a factor per row; under euclidean: orthogonal "
    "maps, a common factor, a common shift, but no factor per row";

inline constexpr std::string_view kListCost = "n k a layer pair, from stored lists";

inline constexpr std::string_view kNoLists = "k >= n, a constant layer, a zero row under l2";

/// What the metrics of neighbour lists share.
constexpr MetricInfo list_metric(std::string_view name, Prepare prepare) {
  return {.name = name,
          .family = "neighbours",
          .summary = {},
          .formula = {},
          .parameters = kListParameters,
          .preprocess = "conditioned",
          .needs = Needs::graphs,
          .invariances = kInvariances,
          .cost = kListCost,
          .chance = {},
          .undefined = kNoLists,
          .pitfalls = {},
          .source = {},
          .prepare = prepare};
}

/// Metrics of the lists alone.
[[nodiscard]] std::vector<MetricInfo> list_metrics();
/// Metrics of lists and features: information imbalance, CKNNA.
[[nodiscard]] std::vector<MetricInfo> list_and_feature_metrics();
/// What mutual k-NN would be by chance, by class, and with ties broken otherwise.
[[nodiscard]] std::vector<MetricInfo> mutual_knn_references();

}  // namespace consilience::engine
