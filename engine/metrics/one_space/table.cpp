#include "engine/metrics/one_space/table.h"

#include <array>
#include <limits>

#include "engine/metrics/one_space/directions_on_sphere.h"
#include "engine/metrics/one_space/duplicates.h"
#include "engine/metrics/one_space/hubness.h"
#include "engine/metrics/one_space/spectral.h"
#include "engine/metrics/one_space/twonn.h"

namespace consilience::engine {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

constexpr std::array<std::string_view, 3> kSides = {"auto", "x", "y"};
constexpr std::array<std::string_view, 4> kSimilarities = {"auto", "cosine", "euclidean", "dot"};
constexpr std::array<std::string_view, 1> kCosine = {"cosine"};
constexpr std::array<std::string_view, 2> kSlopeWeights = {"1/rank", "1"};

constexpr ParameterInfo kOf = {.name = "of",
                               .default_text = "auto",
                               .lowest = 1,
                               .words = kSides,
                               .meaning = "which side of a pair is meant; auto: each"};
constexpr ParameterInfo kEpsilon = {.name = "epsilon",
                                    .default_text = "1e-07",
                                    .lowest = 0,
                                    .highest = 1,
                                    .meaning = "added to every share p"};
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

constexpr std::array kOfAlone = {kOf};
constexpr std::array kFit = {kOf, ParameterInfo{.name = "kept",
                                                .default_text = "0.9",
                                                .lowest = 0.01,
                                                .highest = 1,
                                                .meaning = "share of rows with the smallest ratios "
                                                           "that the line is fitted to"}};
constexpr std::array kWithEpsilon = {kOf, kEpsilon};
constexpr std::array kDecay = {
    kOf,
    ParameterInfo{.name = "ranks",
                  .default_text = "1..30",
                  .lowest = 1,
                  .accepts = is_rank_range,
                  .meaning = "first..last rank that the line is fitted to, such as 1..30"},
    ParameterInfo{.name = "weights",
                  .default_text = "1/rank",
                  .lowest = 1,
                  .words = kSlopeWeights,
                  .meaning = "weights of the least squares"}};
constexpr std::array kUniformity = {kOf, ParameterInfo{.name = "t",
                                                       .default_text = "2",
                                                       .lowest = 0.001,
                                                       .highest = 100,
                                                       .meaning = "sharpness of the kernel"}};
constexpr std::array kHubs = {kK, kSimilarity, kOf};
constexpr std::array kNear = {
    ParameterInfo{.name = "cosine",
                  .default_text = "0.999",
                  .lowest = -1,
                  .highest = 1,
                  .meaning = "from which cosine on two rows are near duplicates (less 1e-12)"},
    ParameterInfo{.name = "similarity",
                  .default_text = "cosine",
                  .lowest = 1,
                  .words = kCosine,
                  .meaning = "rows are scaled to unit norm whatever the preprocessing"},
    kOf};

constexpr std::string_view kNoChance = "it compares nothing, so no relabelling changes it";
constexpr std::string_view kSpectralInvariances = "orthogonal maps, a common factor";
constexpr std::string_view kSpectralCost =
    "2 n d^2 for a triangular factor and d^3 for singular values a layer, once; d x d numbers";
constexpr std::string_view kConstant = "a constant layer";
constexpr std::string_view kTwoNnInvariances = "orthogonal maps, a common factor and shifts";
constexpr std::string_view kTwoNnCost = "n, from a graph of the two nearest neighbours";
constexpr std::string_view kTwoNnUndefined =
    "n < 3, a constant layer, fewer than two rows without a duplicate, all ratios 1";
constexpr std::string_view kFacco =
    "Facco et al., Estimating the intrinsic dimension of datasets by a minimal neighborhood "
    "information, Scientific Reports 2017";

const std::array kMetrics = {
    MetricInfo{
        .name = "twonn_mle",
        .family = "one space",
        .summary = "intrinsic dimension from the two nearest neighbours, maximum likelihood",
        .formula = "(N - 1) / sum_i ln(r2_i / r1_i) over the N rows with r1 > 0, Euclidean",
        .parameters = kOfAlone,
        .preprocess = "raw",
        .spaces = 1,
        .highest = kNone,
        .needs = Needs::graphs,
        .fixed_k = 2,
        .graph = kernels::Similarity::euclidean,
        .invariances = kTwoNnInvariances,
        .cost = kTwoNnCost,
        .chance = kNoChance,
        .undefined = kTwoNnUndefined,
        .pitfalls = "a dimension at the scale of the nearest neighbours, so it grows with n; near "
                    "duplicates pull it towards 0; high dimensions are underestimated",
        .source = kFacco,
        .prepare = prepare_twonn_mle,
    },
    MetricInfo{
        .name = "twonn_fit",
        .family = "one space",
        .summary = "intrinsic dimension from the two nearest neighbours, fitted line",
        .formula = "least-squares slope through 0 of -ln(1 - F) on ln(r2 / r1), F_i = i / N in "
                   "ascending order, the largest ratios left out",
        .parameters = kFit,
        .preprocess = "raw",
        .spaces = 1,
        .highest = kNone,
        .needs = Needs::graphs,
        .fixed_k = 2,
        .graph = kernels::Similarity::euclidean,
        .invariances = kTwoNnInvariances,
        .cost = kTwoNnCost,
        .chance = kNoChance,
        .undefined = kTwoNnUndefined,
        .pitfalls =
            "a dimension at the scale of the nearest neighbours, so it grows with n; leaving "
            "out the largest ratios makes it steadier, and part of the definition",
        .source = kFacco,
        .prepare = prepare_twonn_fit,
    },
    MetricInfo{
        .name = "effective_rank",
        .family = "one space",
        .summary = "exponential of the entropy of the singular values",
        .formula = "exp(-sum_i p_i ln p_i), p_i = s_i / sum s, s of the features as preprocessed",
        .parameters = kOfAlone,
        .preprocess = "centre",
        .spaces = 1,
        .lowest = 1,
        .highest = kNone,
        .invariances = kSpectralInvariances,
        .cost = kSpectralCost,
        .chance = kNoChance,
        .undefined = kConstant,
        .pitfalls = "at most min(n, d), so values of different n or d do not compare; without "
                    "centring a large mean hides all other directions",
        .source = "Roy and Vetterli, The effective rank, EUSIPCO 2007, definition 1",
        .prepare = prepare_effective_rank,
    },
    MetricInfo{
        .name = "rankme",
        .family = "one space",
        .summary = "effective rank of the uncentred features, smoothed",
        .formula = "exp(-sum_i p_i ln p_i), p_i = s_i / sum s + epsilon, i to min(n, d)",
        .parameters = kWithEpsilon,
        .preprocess = "raw",
        .spaces = 1,
        .highest = kNone,
        .invariances = kSpectralInvariances,
        .cost = kSpectralCost,
        .chance = kNoChance,
        .undefined = kConstant,
        .pitfalls =
            "uncentred by definition: a large mean hides all other directions; some code of "
            "this name takes covariance eigenvalues (effective_rank_covariance)",
        .source = "Garrido et al., RankMe, ICML 2023 (arXiv 2210.02885), equation 1",
        .prepare = prepare_rankme,
    },
    MetricInfo{
        .name = "effective_rank_covariance",
        .family = "one space",
        .summary = "exponential of the entropy of the covariance eigenvalues",
        .formula = "exp(-sum_i p_i ln p_i), p_i = lambda_i / sum lambda + epsilon, lambda the "
                   "covariance eigenvalues above rounding",
        .parameters = kWithEpsilon,
        .preprocess = "centre",
        .spaces = 1,
        .highest = kNone,
        .invariances = "orthogonal maps, a common factor and shifts",
        .cost = kSpectralCost,
        .chance = kNoChance,
        .undefined = kConstant,
        .pitfalls = "smaller than effective_rank, as squares weigh large directions more",
        .source = "Roy and Vetterli, EUSIPCO 2007, of eigenvalues; named RankMe in some code",
        .prepare = prepare_effective_rank_covariance,
    },
    MetricInfo{
        .name = "participation_ratio",
        .family = "one space",
        .summary = "how many directions share the variance",
        .formula = "(sum lambda)^2 / sum lambda^2, lambda of the covariance of the columns",
        .parameters = kOfAlone,
        .preprocess = "centre",
        .spaces = 1,
        .lowest = 1,
        .highest = kNone,
        .invariances = "orthogonal maps, a common factor and shifts",
        .cost = kSpectralCost,
        .chance = kNoChance,
        .undefined = kConstant,
        .pitfalls = "one rogue dimension brings it close to 1; biased downwards by few rows",
        .source = "Gao et al., A theory of multineuronal dimensionality, 2017",
        .prepare = prepare_participation_ratio,
    },
    MetricInfo{
        .name = "stable_rank",
        .family = "one space",
        .summary = "total over largest variance",
        .formula = "||X||_F^2 / ||X||_2^2, X as preprocessed",
        .parameters = kOfAlone,
        .preprocess = "centre",
        .spaces = 1,
        .lowest = 1,
        .highest = kNone,
        .invariances = kSpectralInvariances,
        .cost = kSpectralCost,
        .chance = kNoChance,
        .undefined = kConstant,
        .pitfalls = "sees the largest direction alone against the rest; about 1 without centring",
        .source = "Rudelson and Vershynin, Sampling from large matrices, 2007",
        .prepare = prepare_stable_rank,
    },
    MetricInfo{
        .name = "alpha_req",
        .family = "one space",
        .summary = "decay exponent of the covariance eigenvalues",
        .formula = "minus the weighted least-squares slope of ln lambda_i on ln i over the ranks",
        .parameters = kDecay,
        .preprocess = "centre",
        .spaces = 1,
        .lowest = 0,
        .highest = kNone,
        .invariances = "orthogonal maps, a common factor and shifts",
        .cost = kSpectralCost,
        .chance = kNoChance,
        .undefined = "fewer directions with variance than the last rank, a constant layer",
        .pitfalls =
            "the ranks and weights decide the value; spectra are rarely power laws over all "
            "of them",
        .source = "Agrawal et al., alpha-ReQ, NeurIPS 2022",
        .prepare = prepare_alpha_req,
    },
    MetricInfo{
        .name = "mean_cosine",
        .family = "one space",
        .summary = "mean cosine of two rows: anisotropy",
        .formula = "mean over i != j of cos(x_i, x_j)",
        .parameters = kOfAlone,
        .preprocess = "raw",
        .spaces = 1,
        .lowest = -1,
        .invariances = "orthogonal maps, a common factor, a factor per row",
        .cost = "n d a layer, once, in blocks",
        .chance = kNoChance,
        .undefined = "a zero row, a constant layer",
        .pitfalls = "one rogue dimension or a common offset can make it 1 while the rest differs",
        .source = "Ethayarajh, How Contextual are Contextualized Word Representations?, EMNLP 2019",
        .prepare = prepare_mean_cosine,
    },
    MetricInfo{
        .name = "uniformity",
        .family = "one space",
        .summary = "how evenly rows spread over the sphere; smaller is more even",
        .formula = "ln of the mean over pairs of exp(-t |u_i - u_j|^2), u = rows of unit norm",
        .parameters = kUniformity,
        .preprocess = "raw",
        .spaces = 1,
        .larger_is_closer = false,
        .lowest = -kNone,
        .highest = 0,
        .invariances = "orthogonal maps, a common factor, a factor per row",
        .cost = "n^2 d / 2 a layer, once, in tiles",
        .chance = kNoChance,
        .undefined = "a zero row, a constant layer",
        .pitfalls = "at least -4 t; in high dimensions rows of any spread are close to -2 t, the "
                    "value of orthogonal rows",
        .source = "Wang and Isola, Understanding Contrastive Representation Learning, ICML 2020, "
                  "equation 2",
        .prepare = prepare_uniformity,
    },
    MetricInfo{
        .name = "hubness_skew",
        .family = "one space",
        .summary = "skewness of how often rows are listed as neighbours",
        .formula = "mean_i (c_i - k)^3 / (mean_i (c_i - k)^2)^(3/2), c_i = rows that list row i",
        .parameters = kHubs,
        .preprocess = "conditioned",
        .spaces = 1,
        .lowest = -kNone,
        .highest = kNone,
        .needs = Needs::graphs,
        .invariances = "those of the neighbour lists",
        .cost = "n k, from stored lists",
        .chance = kNoChance,
        .undefined = "k >= n, a constant layer, every row listed equally often",
        .pitfalls = "grows with the intrinsic dimension; rises with n",
        .source = "Radovanovic et al., Hubs in Space, JMLR 2010, equation 1",
        .prepare = prepare_hubness_skew,
    },
    MetricInfo{
        .name = "hubness_max",
        .family = "one space",
        .summary = "share of the other rows that list the most popular row",
        .formula = "max_i c_i / (n - 1), c_i = rows that list row i among their k nearest",
        .parameters = kHubs,
        .preprocess = "conditioned",
        .spaces = 1,
        .needs = Needs::graphs,
        .invariances = "those of the neighbour lists",
        .cost = "n k, from stored lists",
        .chance = kNoChance,
        .undefined = "k >= n, a constant layer",
        .pitfalls = "one row decides it; under dot products without l2 the longest row is near "
                    "everything",
        .source = "Radovanovic et al., Hubs in Space, JMLR 2010",
        .prepare = prepare_hubness_max,
    },
    MetricInfo{
        .name = "exact_duplicates",
        .family = "one space",
        .summary = "share of rows that equal an earlier row",
        .formula = "#{i: x_i = x_j for some j < i} / n, as preprocessed",
        .parameters = kOfAlone,
        .preprocess = "raw",
        .spaces = 1,
        .needs = Needs::graphs,
        .fixed_k = 1,
        .graph = kernels::Similarity::euclidean,
        .invariances = "any invertible map that rounds nothing together",
        .cost = "none beside the graph",
        .chance = kNoChance,
        .undefined = "a constant layer, n < 2",
        .pitfalls = "duplicates raise every neighbour metric of models that see the same samples",
        .source = "a count",
        .prepare = prepare_exact_duplicates,
    },
    MetricInfo{
        .name = "near_duplicates",
        .family = "one space",
        .summary = "share of rows whose nearest other row is nearly the same",
        .formula = "#{i: max over j != i of cos(x_i, x_j) >= cosine} / n",
        .parameters = kNear,
        .preprocess = "raw",
        .spaces = 1,
        .needs = Needs::graphs,
        .fixed_k = 1,
        .invariances = "orthogonal maps, a common factor, a factor per row",
        .cost = "n, from a graph of the nearest neighbour",
        .chance = kNoChance,
        .undefined = "a zero row, a constant layer, n < 2",
        .pitfalls = "both rows of a pair count; in anisotropic layers all cosines are near 1: use "
                    "preprocess=centre there",
        .source = "a count",
        .prepare = prepare_near_duplicates,
    },
};

}  // namespace

std::span<const MetricInfo> one_space_metrics() { return kMetrics; }

}  // namespace consilience::engine
