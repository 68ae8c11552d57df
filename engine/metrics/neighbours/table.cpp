#include "engine/metrics/neighbours/table.h"

#include <array>

#include "engine/metrics/neighbours/mutual_knn.h"

namespace consilience::engine {
namespace {

constexpr std::array<std::string_view, 4> kSimilarities = {"auto", "cosine", "euclidean", "dot"};
constexpr std::array<std::string_view, 2> kGroups = {"as graph", "merged"};

constexpr ParameterInfo kK = {.name = "k",
                              .default_text = "10",
                              .lowest = 1,
                              .highest = 1024,
                              .whole = true,
                              .meaning = "neighbours a row"};
constexpr ParameterInfo kSimilarity = {
    .name = "similarity",
    .default_text = "auto",
    .lowest = 1,
    .words = kSimilarities,
    .meaning = "what neighbours are ranked by; auto: as the features are conditioned"};
constexpr ParameterInfo kMerging = {
    .name = "groups",
    .default_text = "as graph",
    .lowest = 1,
    .words = kGroups,
    .meaning = "merged: neighbours are counted by group, siblings as one"};

constexpr std::array kMutualParameters = {kK, kSimilarity, kMerging};

constexpr std::string_view kInvariances =
    "under cosine: orthogonal maps, a common factor, a factor per row; under euclidean: also a "
    "common shift, but no factor per row";

const std::array kMetrics = {
    MetricInfo{
        .name = "mutual_knn",
        .family = "neighbours",
        .summary = "share of the k nearest neighbours that both spaces have in common",
        .formula = "mean_i |N_A(i) & N_B(i)| / k",
        .parameters = kMutualParameters,
        .preprocess = "conditioned",
        .needs = Needs::graphs,
        .invariances = kInvariances,
        .cost = "n k a layer pair, from stored lists",
        .chance = "k / (n - 1), exactly, under any relabelling",
        .undefined = "k >= n, a constant layer, a zero row under l2",
        .pitfalls = "falls with n at fixed k even for strong pairs; cosine on uncentred features "
                    "depends on the offset; duplicates raise it",
        .source = "Huh et al., The Platonic Representation Hypothesis, ICML 2024, equation 11",
        .prepare = prepare_mutual_knn,
    },
};

}  // namespace

std::span<const MetricInfo> neighbour_metrics() { return kMetrics; }

}  // namespace consilience::engine
