#include "engine/metrics/alignment/table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numbers>

#include "engine/metrics/alignment/cca.h"
#include "engine/metrics/alignment/linear_regression.h"
#include "engine/metrics/alignment/procrustes.h"
#include "engine/metrics/alignment/pwcca.h"
#include "engine/metrics/alignment/ridge.h"

namespace consilience::engine {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

constexpr std::array<std::string_view, 2> kSides = {"x", "y"};
constexpr std::array<std::string_view, 2> kDirections = {"x->y", "y->x"};
constexpr std::array<std::string_view, 2> kKeptRules = {"variance", "sum of singular values"};
constexpr std::array<std::string_view, 2> kAverages = {"auto", "columns, then folds"};
constexpr std::array<std::string_view, 1> kAuto = {"auto"};

bool is_rank(std::string_view text) {
  return !text.empty() && text.size() < 6 && text[0] != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

constexpr ParameterInfo word(std::string_view name, std::string_view standard,
                             std::span<const std::string_view> words, std::string_view meaning) {
  return {.name = name, .default_text = standard, .lowest = 1, .words = words, .meaning = meaning};
}

constexpr ParameterInfo rank_of(std::string_view name) {
  return {.name = name,
          .default_text = "auto",
          .lowest = 1,
          .words = kAuto,
          .accepts = is_rank,
          .meaning = "auto, or a whole number of directions to keep instead of what the rule says"};
}

constexpr std::array kWeights = {
    word("weights", "x", kSides, "the side whose features weight the correlations")};
constexpr ParameterInfo kDirection =
    word("direction", "x->y", kDirections, "the side before the arrow predicts the other");
constexpr std::array kRegression = {kDirection};
constexpr std::array kRank = {ParameterInfo{.name = "rank",
                                            .default_text = "10",
                                            .lowest = 1,
                                            .highest = 16384,
                                            .whole = true,
                                            .meaning = "principal directions kept of each side"}};
constexpr std::array kSvcca99 = {word("kept", "variance", kKeptRules,
                                      "what directions are kept for until 99 % of it is reached"),
                                 rank_of("rank_x"), rank_of("rank_y")};
constexpr ParameterInfo kRidgeAlpha = {
    .name = "alpha",
    .default_text = "1",
    .lowest = 0,
    .highest = 1e15,
    .meaning =
        "penalty on the squared norm of the coefficients, in squared units of the predictor"};
constexpr std::array kRidge = {kRidgeAlpha, kDirection,
                               word("average", "auto", kAverages,
                                    "how R^2 of columns and folds become one; auto: the only way")};
constexpr std::array kRidgePooled = {kRidgeAlpha, kDirection};
constexpr std::array kShape = {ParameterInfo{
    .name = "alpha",
    .default_text = "1",
    .lowest = 0,
    .highest = 1,
    .meaning = "1: rotations only; 0: whitened, any invertible linear map; between: partly"}};

constexpr std::string_view kLinearMaps = "invertible linear maps of either side and shifts";
constexpr std::string_view kRotations =
    "orthogonal maps, a common factor and shifts of either side";
constexpr std::string_view kBasisCost =
    "an SVD [n, d] a layer once; then n d^2 for a product and d^3 for singular values a layer pair "
    "and permutation";
constexpr std::string_view kTooWide = "n <= d + 1 on either side, a constant layer";
constexpr std::string_view kCcaChance =
    "well above 0 and rising with d / n, and dx + dy - (n - 1) correlations are 1 by necessity; "
    "see "
    "the permutation null";
constexpr std::string_view kRidgePitfalls =
    "report both widths and n: with more columns than training rows alpha decides; alpha has "
    "units, "
    "so a common factor of the predictor changes the score; folds are contiguous, so sorted rows "
    "make it pessimistic; under a relabelling folds stay with the predictor's rows";
constexpr std::string_view kRidgeUndefined =
    "n < 10 (a fold of one row has no variance), a constant layer, alpha = 0 with dependent "
    "columns";
constexpr std::string_view kRidgeChance =
    "below 0, and far below -1 where d is close to 0.8 n and alpha small; see the permutation null";
constexpr std::string_view kRidgeCost =
    "5 SVDs [0.8 n, d] a predictor layer once; then at most 2 n^2 d or 10 n d^2 a layer pair and "
    "permutation";
constexpr std::string_view kProcrustesCost =
    "n dx dy for a product and min(dx, dy)^3 for singular values a layer pair and permutation; "
    "where d >= n an SVD a layer once narrows it to n columns";
constexpr std::string_view kWilliams =
    "Williams et al., Generalized Shape Metrics on Neural Representations, NeurIPS 2021";

const std::array kMetrics = {
    MetricInfo{
        .name = "cca_mean",
        .family = "alignment",
        .summary = "mean canonical correlation",
        .formula = "mean of the min(dx, dy) singular values of Ux' Uy, U an orthonormal basis of "
                   "the centred columns",
        .preprocess = "centre",
        .invariances = kLinearMaps,
        .cost = kBasisCost,
        .costly = true,
        .chance = kCcaChance,
        .undefined = kTooWide,
        .pitfalls = "weights directions of noise like those of signal; meaningless unless n is "
                    "several times dx + dy",
        .source = "Hotelling 1936; Raghu et al., SVCCA, NeurIPS 2017",
        .prepare = prepare_cca_mean,
    },
    MetricInfo{
        .name = "svcca_rank",
        .family = "alignment",
        .summary = "mean canonical correlation of the first principal directions",
        .formula =
            "mean of the r singular values of Ux' Uy, U the first r left singular vectors of "
            "the centred (or standardised) features",
        .parameters = kRank,
        .preprocess = "centre",
        .invariances = kRotations,
        .cost = "an SVD [n, d] a layer once; then n r^2 a layer pair and permutation",
        .chance = "about 0.85 sqrt(r / n) for r well below n; see the permutation null",
        .undefined = "fewer than r directions, r >= n - 1, a constant layer",
        .pitfalls = "the rank decides the value, so it is part of the name; standardising columns "
                    "changes which directions come first; equal singular values at rank r leave "
                    "the choice to rounding",
        .source = "Raghu et al., SVCCA, NeurIPS 2017; rank 10 as in Huh et al., ICML 2024",
        .prepare = prepare_svcca_rank,
    },
    MetricInfo{
        .name = "svcca_99",
        .family = "alignment",
        .summary = "mean canonical correlation of the directions that keep 99 %",
        .formula = "smallest rx, ry that keep >= 0.99 of sum s^2 (variance) or sum s; mean of the "
                   "min(rx, ry) singular values of Ux' Uy",
        .parameters = kSvcca99,
        .preprocess = "centre",
        .invariances = kRotations,
        .cost = kBasisCost,
        .costly = true,
        .chance = kCcaChance,
        .undefined = "kept directions >= n - 1 on either side, a constant layer",
        .pitfalls = "the kept ranks differ from layer to layer (they are in the remarks) and move "
                    "the value more than the data do; published code keeps 99 % of different "
                    "quantities",
        .source = "Raghu et al., SVCCA, NeurIPS 2017, section 2",
        .prepare = prepare_svcca_99,
    },
    MetricInfo{
        .name = "pwcca",
        .family = "alignment",
        .summary = "canonical correlations weighted by how much of the features they carry",
        .formula =
            "sum_i a_i rho_i / sum_i a_i, a_i = sum over features j of |<h_i, x_j>|, h_i the "
            "canonical variates of unit norm, x_j centred columns",
        .parameters = kWeights,
        .preprocess = "centre",
        .symmetric = false,
        .invariances =
            "invertible linear maps of the other side, a common factor and shifts of the "
            "weighting side; no rotation of the weighting side",
        .cost = kBasisCost,
        .costly = true,
        .chance = kCcaChance,
        .undefined = kTooWide,
        .pitfalls =
            "not symmetric; the weights depend on the feature basis; canonical correlations "
            "that are equal share their weights by rounding; much published code weights "
            "something else",
        .source = "Morcos et al., NeurIPS 2018 (arXiv 1806.05759), section 2.2",
        .prepare = prepare_pwcca,
    },
    MetricInfo{
        .name = "pwcca_sample_l1",
        .family = "alignment",
        .summary = "canonical correlations weighted by the variates' absolute sums",
        .formula = "sum_i a_i rho_i / sum_i a_i, a_i = sum over samples of |h_i|, all h_i of unit "
                   "norm",
        .parameters = kWeights,
        .preprocess = "centre",
        .symmetric = false,
        .invariances = kLinearMaps,
        .cost = kBasisCost,
        .costly = true,
        .chance = kCcaChance,
        .undefined = kTooWide,
        .pitfalls =
            "close to cca_mean, as all variates have one norm; it is not PWCCA as published",
        .source = "the weighting of some released code that is named PWCCA",
        .prepare = prepare_pwcca_sample_l1,
    },
    MetricInfo{
        .name = "linear_regression_r2",
        .family = "alignment",
        .summary = "variance of one side that the other explains linearly, in sample",
        .formula = "||Q' T||_F^2 / ||T||_F^2, Q an orthonormal basis of the centred predictor, T "
                   "the centred target",
        .parameters = kRegression,
        .preprocess = "centre",
        .symmetric = false,
        .invariances = "invertible linear maps and shifts of the predictor; orthogonal maps, a "
                       "common factor and shifts of the target",
        .cost = "an SVD [n, d] a predictor layer once; then n dx dy a layer pair and permutation",
        .costly = true,
        .chance = "rank of the predictor / (n - 1), exactly, under any relabelling",
        .undefined = "a predictor with n <= d + 1, a constant layer",
        .pitfalls = "in sample: it rises with the predictor's width towards 1; compare with its "
                    "chance, or use ridge_r2_cv5",
        .source = "Kornblith et al., Similarity of Neural Network Representations Revisited, ICML "
                  "2019, table 1",
        .prepare = prepare_linear_regression_r2,
    },
    MetricInfo{
        .name = "ridge_r2_cv5",
        .family = "alignment",
        .summary = "out-of-fold R^2 of a ridge regression, mean over columns and folds",
        .formula =
            "5 contiguous folds; W, b minimise ||T - P W - b||^2 + alpha ||W||^2 on the other "
            "folds; mean over columns, then folds, of 1 - residual / variance around the "
            "fold's mean",
        .parameters = kRidge,
        .preprocess = "raw",
        .symmetric = false,
        .lowest = -kNone,
        .invariances =
            "orthogonal maps and shifts of the predictor; a factor and a shift per column "
            "of the target",
        .cost = kRidgeCost,
        .costly = true,
        .chance = kRidgeChance,
        .undefined = kRidgeUndefined,
        .pitfalls = kRidgePitfalls,
        .source =
            "Hoerl and Kennard 1970; averages as in scikit-learn's r2_score, but columns that "
            "are constant in a fold are left out instead of counted as 0 or 1",
        .prepare = prepare_ridge_r2_cv5,
    },
    MetricInfo{
        .name = "ridge_r2_cv5_pooled",
        .family = "alignment",
        .summary = "out-of-fold R^2 of a ridge regression, all columns together",
        .formula = "1 - sum of squared out-of-fold residuals / ||T - column means||_F^2, the folds "
                   "and the regression of ridge_r2_cv5",
        .parameters = kRidgePooled,
        .preprocess = "raw",
        .symmetric = false,
        .lowest = -kNone,
        .invariances = "orthogonal maps and shifts of the predictor; orthogonal maps, a common "
                       "factor and shifts of the target",
        .cost = kRidgeCost,
        .costly = true,
        .chance = kRidgeChance,
        .undefined = kRidgeUndefined,
        .pitfalls = kRidgePitfalls,
        .source = "Hoerl and Kennard 1970",
        .prepare = prepare_ridge_r2_cv5_pooled,
    },
    MetricInfo{
        .name = "procrustes_distance",
        .family = "alignment",
        .summary = "distance after the best rotation",
        .formula =
            "min over orthogonal Q of ||X Q - Y||_F = sqrt(||X||^2 + ||Y||^2 - 2 ||X'Y||_*), "
            "centred, the narrower side padded with zero columns",
        .preprocess = "centre",
        .larger_is_closer = false,
        .highest = kNone,
        .invariances = "orthogonal maps and shifts of either side; no factor",
        .cost = kProcrustesCost,
        .costly = true,
        .chance = "none in closed form; see the permutation null",
        .undefined = "a constant layer",
        .pitfalls = "has the features' units: models of different scale are far apart by scale "
                    "alone; use the normalised or angular form to compare models",
        .source = "Schonemann 1966; Ding et al., Grounding Representation Similarity, NeurIPS 2021",
        .prepare = prepare_procrustes_distance,
    },
    MetricInfo{
        .name = "procrustes_distance_normalised",
        .family = "alignment",
        .summary = "distance after the best rotation of sides of unit norm",
        .formula = "sqrt(2 - 2 nbs)",
        .preprocess = "centre",
        .larger_is_closer = false,
        .highest = std::numbers::sqrt2,
        .invariances = kRotations,
        .cost = kProcrustesCost,
        .costly = true,
        .chance = "falls as d / n rises; see the permutation null",
        .undefined = "a constant layer",
        .pitfalls = "dominated by the directions of most variance; wide layers of few rows look "
                    "close by chance",
        .source = "Ding et al., Grounding Representation Similarity, NeurIPS 2021",
        .prepare = prepare_procrustes_normalised,
    },
    MetricInfo{
        .name = "procrustes_angular",
        .family = "alignment",
        .summary = "angle after the best rotation, in radians",
        .formula = "arccos(||X'Y||_* / (||X||_F ||Y||_F)), centred",
        .preprocess = "centre",
        .larger_is_closer = false,
        .highest = std::numbers::pi / 2,
        .invariances = kRotations,
        .cost = kProcrustesCost,
        .costly = true,
        .chance = "falls as d / n rises; see the permutation null",
        .undefined = "a constant layer",
        .pitfalls = "dominated by the directions of most variance; wide layers of few rows look "
                    "close by chance",
        .source = kWilliams,
        .prepare = prepare_procrustes_angular,
    },
    MetricInfo{
        .name = "nbs",
        .family = "alignment",
        .summary = "normalised Bures similarity: cosine of the Procrustes angle",
        .formula = "||X'Y||_* / (||X||_F ||Y||_F), centred",
        .preprocess = "centre",
        .invariances = kRotations,
        .cost = kProcrustesCost,
        .costly = true,
        .chance = "rises with d / n; see the permutation null",
        .undefined = "a constant layer",
        .pitfalls = "dominated by the directions of most variance; wide layers of few rows look "
                    "close by chance",
        .source =
            "Tang et al., Similarity of Neural Networks with Gradients, 2020 (arXiv 2003.11498)",
        .prepare = prepare_nbs,
    },
    MetricInfo{
        .name = "shape_metric",
        .family = "alignment",
        .summary = "angle after partial whitening and the best rotation, in radians",
        .formula = "procrustes_angular of X (alpha I + (1 - alpha) (X'X)^(-1/2)), X centred; (X'X)^"
                   "(-1/2) over the kept directions",
        .parameters = kShape,
        .preprocess = "centre",
        .larger_is_closer = false,
        .highest = std::numbers::pi / 2,
        .invariances =
            "orthogonal maps and shifts of either side; a common factor at alpha 0 and 1 "
            "only; invertible linear maps at alpha 0",
        .cost = kProcrustesCost,
        .costly = true,
        .chance = "falls as d / n rises; see the permutation null",
        .undefined =
            "a constant layer; at alpha = 0 also a side whose directions span all of n - 1",
        .pitfalls = "between 0 and 1 alpha weighs the whitened against the plain features in the "
                    "features' units, so a common factor changes the value",
        .source = "Williams et al., Generalized Shape Metrics on Neural Representations, NeurIPS "
                  "2021, partial whitening",
        .prepare = prepare_shape_metric,
    },
};

}  // namespace

std::span<const MetricInfo> alignment_metrics() { return kMetrics; }

}  // namespace consilience::engine
