#include "engine/metrics/kernel/table.h"

#include <array>
#include <limits>

#include "engine/metrics/kernel/kernel_grid.h"
#include "engine/metrics/kernel/minibatch.h"
#include "engine/metrics/kernel/sigma.h"

namespace consilience::engine {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

constexpr std::array<std::string_view, 3> kPrecisions = {"auto", "f64", "f32"};

constexpr ParameterInfo kPrecision = {
    .name = "precision",
    .default_text = "auto",
    .lowest = 1,
    .words = kPrecisions,
    .meaning =
        "of the products; auto: f64; f32: products in f32, sums in f64, each entry within "
        "(d + 2) 2^-24 |x_i| |x_j|"};
constexpr ParameterInfo kSigma = {
    .name = "sigma",
    .default_text = "0.5 x median",
    .lowest = 1,
    .accepts = is_sigma,
    .meaning =
        "the width: a multiple of each side's own median distance ('0.5 x median') or one "
        "number for both ('1 (absolute)')"};
constexpr ParameterInfo kBatch = {.name = "batch",
                                  .default_text = "256",
                                  .lowest = 4,
                                  .highest = 65536,
                                  .whole = true,
                                  .meaning = "rows of a batch, taken in row order"};
constexpr ParameterInfo kWithoutPcs = {
    .name = "m",
    .default_text = "1",
    .lowest = 1,
    .highest = 65536,
    .whole = true,
    .meaning = "leading principal components taken off each side first"};

constexpr std::array kLinear = {kPrecision};
constexpr std::array kRbf = {kSigma, kPrecision};
constexpr std::array kHsicRbf = {kSigma};
constexpr std::array kMinibatch = {kBatch};
constexpr std::array kWithout = {kWithoutPcs, kPrecision};

constexpr std::string_view kLinearInvariances =
    "orthogonal maps, a common factor, a common shift, of either side";
constexpr std::string_view kHsicInvariances =
    "orthogonal maps and a common shift of either side; a factor c changes it by c^2";
constexpr std::string_view kRbfInvariances =
    "orthogonal maps and a common shift of either side; a common factor too where sigma is a "
    "multiple of the median";
constexpr std::string_view kLinearCost =
    "the cheaper of n dx dy a layer pair in one pass over rows (memory dx dy), and n^2 d a layer "
    "with n^2 a pair; a relabelling costs n^2 a pair where all matrices fit in 2 GB";
constexpr std::string_view kRbfCost =
    "n^2 d a layer and n^2 a layer pair, in tiles; a relabelling costs n^2 a pair where all "
    "matrices fit in 2 GB, else everything again";
constexpr std::string_view kBiasedChance =
    "tr(K') tr(L') / ((n - 1) |K'| |L'|) for the centred kernels K', L': about d / (d + n) for "
    "isotropic features, not 0";
constexpr std::string_view kDebiasedChance = "0, exactly, under any relabelling";
constexpr std::string_view kBiasedUndefined =
    "fewer than 2 rows, a constant layer, a HSIC with itself of 0";
constexpr std::string_view kDebiasedUndefined =
    "fewer than 4 rows, a constant layer, a HSIC with itself that is not above 0";
constexpr std::string_view kGretton =
    "Gretton et al., Measuring statistical dependence with Hilbert-Schmidt norms, ALT 2005, "
    "equation 9";
constexpr std::string_view kSong =
    "Song et al., Feature selection via dependence maximization, JMLR 13:1393, 2012, equation 5";
constexpr std::string_view kKornblith =
    "Kornblith et al., Similarity of neural network representations revisited, ICML 2019, "
    "section 3";

const std::array kMetrics = {
    MetricInfo{
        .name = "cka_linear_biased",
        .family = "kernels",
        .summary = "centred kernel alignment of linear kernels, biased",
        .formula = "|X'Y|_F^2 / (|X'X|_F |Y'Y|_F), columns centred; = HSIC_0(K, L) / "
                   "sqrt(HSIC_0(K, K) HSIC_0(L, L))",
        .parameters = kLinear,
        .invariances = kLinearInvariances,
        .cost = kLinearCost,
        .shared_passes = true,
        .chance = kBiasedChance,
        .undefined = kBiasedUndefined,
        .pitfalls = "high for independent features when d is not far below n (0.43 at d = 768, n = "
                    "1,024): read it beside its null; ruled by the leading principal components",
        .source = kKornblith,
        .prepare = prepare_kernel<PairEntry::dot, Estimator::biased, KernelScore::ratio>,
    },
    MetricInfo{
        .name = "cka_linear_debiased",
        .family = "kernels",
        .summary = "centred kernel alignment of linear kernels, without the bias of few rows",
        .formula = "HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), K = XX', L = YY'; n (n - 3) "
                   "HSIC_1 = tr(K~L~) + 1'K~1 1'L~1 / ((n - 1)(n - 2)) - 2 1'K~L~1 / (n - 2), ~: "
                   "zero diagonal",
        .parameters = kLinear,
        .lowest = -1,
        .invariances = kLinearInvariances,
        .cost = kLinearCost,
        .shared_passes = true,
        .chance = kDebiasedChance,
        .undefined = kDebiasedUndefined,
        .pitfalls = "may be negative; a ratio of unbiased terms, so not itself unbiased; some code "
                    "under this name keeps biased denominators or adds a constant",
        .source = kSong,
        .prepare = prepare_kernel<PairEntry::dot, Estimator::debiased, KernelScore::ratio>,
    },
    MetricInfo{
        .name = "cka_rbf_biased",
        .family = "kernels",
        .summary = "centred kernel alignment of Gaussian kernels, biased",
        .formula = "HSIC_0(K, L) / sqrt(HSIC_0(K, K) HSIC_0(L, L)), K_ij = exp(-|x_i - x_j|^2 / (2 "
                   "sigma^2))",
        .parameters = kRbf,
        .invariances = kRbfInvariances,
        .cost = kRbfCost,
        .shared_passes = true,
        .chance = kBiasedChance,
        .undefined = "fewer than 2 rows, a constant layer, a median distance of 0",
        .pitfalls =
            "tends to 1 for any two spaces as sigma shrinks (both kernels become the "
            "identity); an absolute sigma depends on scale and is near the linear kernel on "
            "unit rows",
        .source = kKornblith,
        .prepare = prepare_kernel<PairEntry::rbf, Estimator::biased, KernelScore::ratio>,
    },
    MetricInfo{
        .name = "cka_rbf_debiased",
        .family = "kernels",
        .summary = "centred kernel alignment of Gaussian kernels, without the bias of few rows",
        .formula = "HSIC_1(K, L) / sqrt(HSIC_1(K, K) HSIC_1(L, L)), K_ij = exp(-|x_i - x_j|^2 / (2 "
                   "sigma^2))",
        .parameters = kRbf,
        .lowest = -1,
        .invariances = kRbfInvariances,
        .cost = kRbfCost,
        .shared_passes = true,
        .chance = kDebiasedChance,
        .undefined = "fewer than 4 rows, a constant layer, a median distance of 0, a HSIC with "
                     "itself that is not above 0 (sigma far too small)",
        .pitfalls = "small sigma asks for equal local distances, a harder question than equal "
                    "neighbours; the median is of the n (n - 1) / 2 pairs, without the diagonal",
        .source = kSong,
        .prepare = prepare_kernel<PairEntry::rbf, Estimator::debiased, KernelScore::ratio>,
    },
    MetricInfo{
        .name = "cka_linear_minibatch",
        .family = "kernels",
        .summary = "debiased linear CKA whose terms are averaged over batches of rows",
        .formula = "mean_b HSIC_1(K_b, L_b) / sqrt(mean_b HSIC_1(K_b, K_b) mean_b HSIC_1(L_b, "
                   "L_b)), batches b of consecutive rows",
        .parameters = kMinibatch,
        .lowest = -1,
        .invariances = kLinearInvariances,
        .cost = "n batch d a layer and n batch a layer pair",
        .chance = "near 0; not exactly, since relabelled batches have other denominators",
        .undefined = "fewer than 4 rows, rows that do not differ within any batch",
        .pitfalls = "depends on the order of rows (sorted classes: a batch sees one class) and on "
                    "the batch size; an incomplete last batch is left out; the full "
                    "cka_linear_debiased costs little more",
        .source =
            "Nguyen, Raghu, Kornblith, Do wide and deep networks learn the same things?, ICLR "
            "2021, equation 4",
        .prepare = prepare_cka_linear_minibatch,
    },
    MetricInfo{
        .name = "cka_linear_debiased_without_pcs",
        .family = "kernels",
        .summary = "debiased linear CKA after the leading principal components are taken off",
        .formula = "cka_linear_debiased of X (I - V V') and Y (I - W W'), V and W the m leading "
                   "principal directions of each side",
        .parameters = kWithout,
        .lowest = -1,
        .invariances = kLinearInvariances,
        .cost = "that of cka_linear_debiased, and n d^2 + d^3 a layer",
        .chance = kDebiasedChance,
        .undefined = "m >= min(n - 1, d), fewer than 4 rows, a constant layer",
        .pitfalls =
            "not continuous where the m-th and the next component have equal variance; what "
            "is left may be noise",
        .source = "Ding, Denain, Steinhardt, Grounding representation similarity with statistical "
                  "testing, NeurIPS 2021 (arXiv 2108.01661)",
        .prepare = prepare_kernel<PairEntry::dot, Estimator::debiased, KernelScore::ratio>,
    },
    MetricInfo{
        .name = "cka_linear_feature_corrected",
        .family = "kernels",
        .summary = "debiased linear CKA of two populations of features of which each side is a "
                   "sample",
        .formula = "HSIC_1(K, L) / sqrt(S(K) S(L)), S(K) = d / (d - 1) (HSIC_1(K, K) - sum_f "
                   "HSIC_1(x_f x_f', x_f x_f'))",
        .parameters = kLinear,
        .lowest = -kUnbounded,
        .highest = kUnbounded,
        .invariances = "a common factor, a common shift, an order of features, of either side; no "
                       "rotation: features are the units that were sampled",
        .cost = kLinearCost,
        .shared_passes = true,
        .chance = kDebiasedChance,
        .undefined = "fewer than 4 rows or 2 features, a constant layer, S not above 0",
        .pitfalls = "made for recordings of a few of many neurons; above 1 for a side with itself, "
                    "because both then hold the same sample; noisy when features are few",
        .source = "Chun, Canatar, Chung, Lee, Estimating neural representation alignment from "
                  "sparsely sampled inputs and features, 2025 (arXiv 2502.15104)",
        .prepare =
            prepare_kernel<PairEntry::dot, Estimator::debiased, KernelScore::feature_corrected>,
    },
    MetricInfo{
        .name = "rv",
        .family = "kernels",
        .summary = "RV coefficient; the same number as cka_linear_biased",
        .formula = "tr(S_xy S_yx) / sqrt(tr(S_xx^2) tr(S_yy^2)), S covariances",
        .invariances = kLinearInvariances,
        .cost = kLinearCost,
        .shared_passes = true,
        .chance = kBiasedChance,
        .undefined = kBiasedUndefined,
        .pitfalls = "those of cka_linear_biased",
        .source = "Escoufier, Le traitement des variables vectorielles, Biometrics 29:751, 1973",
        .prepare = prepare_kernel<PairEntry::dot, Estimator::biased, KernelScore::ratio>,
    },
    MetricInfo{
        .name = "hsic_linear_biased",
        .family = "kernels",
        .summary = "dependence of two spaces under linear kernels, not normalised",
        .formula = "tr(K H L H) / (n - 1)^2 = |X'Y|_F^2 / (n - 1)^2, columns centred",
        .lowest = 0,
        .highest = kUnbounded,
        .invariances = kHsicInvariances,
        .cost = kLinearCost,
        .shared_passes = true,
        .chance = "tr(K') tr(L') / (n - 1)^3 for the centred kernels K', L'",
        .undefined = "fewer than 2 rows, a constant layer",
        .pitfalls = "has the units of the features: compare only with its own null",
        .source = kGretton,
        .prepare = prepare_kernel<PairEntry::dot, Estimator::biased, KernelScore::hsic>,
    },
    MetricInfo{
        .name = "hsic_linear_debiased",
        .family = "kernels",
        .summary = "the same, unbiased",
        .formula = "(tr(K~L~) + 1'K~1 1'L~1 / ((n - 1)(n - 2)) - 2 1'K~L~1 / (n - 2)) / (n (n - "
                   "3)), ~: zero diagonal",
        .lowest = -kUnbounded,
        .highest = kUnbounded,
        .invariances = kHsicInvariances,
        .cost = kLinearCost,
        .shared_passes = true,
        .chance = kDebiasedChance,
        .undefined = "fewer than 4 rows, a constant layer",
        .pitfalls = "has the units of the features; may be negative",
        .source = kSong,
        .prepare = prepare_kernel<PairEntry::dot, Estimator::debiased, KernelScore::hsic>,
    },
    MetricInfo{
        .name = "hsic_rbf_biased",
        .family = "kernels",
        .summary = "dependence of two spaces under Gaussian kernels, not normalised",
        .formula = "tr(K H L H) / (n - 1)^2, K_ij = exp(-|x_i - x_j|^2 / (2 sigma^2))",
        .parameters = kHsicRbf,
        .lowest = 0,
        .highest = kUnbounded,
        .invariances = kRbfInvariances,
        .cost = kRbfCost,
        .shared_passes = true,
        .chance = "tr(K') tr(L') / (n - 1)^3 for the centred kernels K', L'",
        .undefined = "fewer than 2 rows, a constant layer, a median distance of 0",
        .pitfalls = "depends on sigma: compare only with its own null",
        .source = kGretton,
        .prepare = prepare_kernel<PairEntry::rbf, Estimator::biased, KernelScore::hsic>,
    },
    MetricInfo{
        .name = "hsic_rbf_debiased",
        .family = "kernels",
        .summary = "the same, unbiased",
        .formula = "HSIC_1 of K_ij = exp(-|x_i - x_j|^2 / (2 sigma^2)); see hsic_linear_debiased",
        .parameters = kHsicRbf,
        .lowest = -kUnbounded,
        .highest = kUnbounded,
        .invariances = kRbfInvariances,
        .cost = kRbfCost,
        .shared_passes = true,
        .chance = kDebiasedChance,
        .undefined = "fewer than 4 rows, a constant layer, a median distance of 0",
        .pitfalls = "depends on sigma; may be negative",
        .source = kSong,
        .prepare = prepare_kernel<PairEntry::rbf, Estimator::debiased, KernelScore::hsic>,
    },
};

}  // namespace

std::span<const MetricInfo> kernel_metrics() { return kMetrics; }

}  // namespace consilience::engine
