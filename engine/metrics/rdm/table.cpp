#include "engine/metrics/rdm/table.h"

#include <array>

#include "engine/metrics/kernel/kernel_grid.h"
#include "engine/metrics/rdm/rsa.h"

namespace consilience::engine {
namespace {

constexpr std::array<std::string_view, 4> kRdms = {"correlation", "euclidean", "sqeuclidean",
                                                   "cosine"};

constexpr ParameterInfo kRdm = {
    .name = "rdm",
    .default_text = "correlation",
    .lowest = 1,
    .words = kRdms,
    .meaning =
        "the dissimilarity of two rows: 1 - their correlation over features, their distance, "
        "its square, 1 - their cosine"};
constexpr ParameterInfo kPairs = {
    .name = "pairs",
    .default_text = "auto",
    .lowest = 1,
    .accepts = is_pair_count,
    .meaning =
        "pairs of rows that are compared, 'auto' or from 1000 to 10^8; auto: all up to 4,096 "
        "rows, else a sample of 262,144"};
constexpr std::array kRsa = {kRdm, kPairs};

constexpr std::string_view kRsaInvariances =
    "a common factor; euclidean, sqeuclidean: orthogonal maps and a common shift; cosine: "
    "orthogonal "
    "maps and a factor per row; correlation: a factor and a shift per row, no rotation";
constexpr std::string_view kRsaCost =
    "n^2 d a layer and n^2 a layer pair; 12 n^2 bytes a layer, so pairs are sampled beyond 4,096 "
    "rows; a relabelling costs n^2 a pair, of a sample pairs d a layer";
constexpr std::string_view kRsaUndefined =
    "fewer than 3 rows, a constant layer, all dissimilarities equal, a row of equal values under "
    "correlation, a zero row under cosine";
constexpr std::string_view kNili =
    "Kriegeskorte, Mur, Bandettini, Representational similarity analysis, Front. Syst. Neurosci. "
    "2:4, 2008; Nili et al., A toolbox for representational similarity analysis, PLoS Comput. "
    "Biol. "
    "10:e1003553, 2014";
constexpr std::string_view kDcorInvariances =
    "orthogonal maps, a common factor, a common shift, of either side";
constexpr std::string_view kDcorCost =
    "n^2 d a layer and n^2 a layer pair, in tiles; a relabelling costs n^2 a pair where all "
    "matrices fit in 2 GB, else everything again";
constexpr std::string_view kDcorBiasedChance =
    "not 0: it grows with d / n, as that of cka_linear_biased does";
constexpr std::string_view kSzekely2007 =
    "Szekely, Rizzo, Bakirov, Measuring and testing dependence by correlation of distances, Ann. "
    "Stat. 35:2769, 2007, definition 5";

const std::array kMetrics = {
    MetricInfo{
        .name = "rsa_pearson",
        .family = "rdm",
        .summary = "correlation of two dissimilarity matrices",
        .formula = "Pearson r of the n (n - 1) / 2 upper-triangle entries",
        .parameters = kRsa,
        .lowest = -1,
        .invariances = kRsaInvariances,
        .cost = kRsaCost,
        .shared_passes = true,
        .chance = "0, exactly, under any relabelling",
        .undefined = kRsaUndefined,
        .pitfalls =
            "entries share rows, so the textbook p-value of r is wrong: use permutations of "
            "rows; 'euclidean' elsewhere may mean the squared distance",
        .source = kNili,
        .prepare = prepare_rsa<Comparison::pearson>,
    },
    MetricInfo{
        .name = "rsa_spearman",
        .family = "rdm",
        .summary = "rank correlation of two dissimilarity matrices",
        .formula =
            "Pearson r of the average ranks of the upper-triangle entries, which are rounded "
            "to 12 digits (40 bits) first",
        .parameters = kRsa,
        .lowest = -1,
        .invariances = kRsaInvariances,
        .cost = kRsaCost,
        .shared_passes = true,
        .chance = "0, exactly, under any relabelling",
        .undefined = kRsaUndefined,
        .pitfalls = "favours coarse models with many ties (take Kendall's tau-a there); without "
                    "rounding, ties break by rounding errors",
        .source = kNili,
        .prepare = prepare_rsa<Comparison::spearman>,
    },
    MetricInfo{
        .name = "rsa_cosine",
        .family = "rdm",
        .summary = "cosine of two dissimilarity matrices, not centred",
        .formula = "sum_p u_p v_p / (|u| |v|) over the upper-triangle entries u, v",
        .parameters = kRsa,
        .invariances = kRsaInvariances,
        .cost = kRsaCost,
        .shared_passes = true,
        .chance = "mean(u) mean(v) / (rms(u) rms(v)): 0.9 and more is usual",
        .undefined = kRsaUndefined,
        .pitfalls = "near 1 for unrelated spaces, because dissimilarities are positive: read it "
                    "beside its null only",
        .source = kNili,
        .prepare = prepare_rsa<Comparison::cosine>,
    },
    MetricInfo{
        .name = "rsa_kendall_tau_a",
        .family = "rdm",
        .summary = "Kendall's tau-a of two dissimilarity matrices",
        .formula =
            "(concordant - discordant) / all pairs of upper-triangle entries, rounded as for "
            "rsa_spearman; ties count 0",
        .parameters = kRsa,
        .lowest = -1,
        .invariances = kRsaInvariances,
        .cost = "n^2 d a layer; n^2 log n a layer pair and relabelling: the slowest by far",
        .costly = true,
        .chance = "0, exactly, under any relabelling",
        .undefined = kRsaUndefined,
        .pitfalls = "below 1 for a side with itself where entries tie",
        .source = kNili,
        .prepare = prepare_rsa<Comparison::kendall>,
    },
    MetricInfo{
        .name = "dcor_biased",
        .family = "rdm",
        .summary = "distance correlation R, not squared",
        .formula =
            "sqrt(dCov^2(X, Y) / sqrt(dVar^2(X) dVar^2(Y))), dCov^2 = mean of A_ij B_ij over "
            "all i, j, A and B the doubly centred distances",
        .invariances = kDcorInvariances,
        .cost = kDcorCost,
        .shared_passes = true,
        .chance = kDcorBiasedChance,
        .undefined = "fewer than 2 rows, a constant layer",
        .pitfalls =
            "far from 0 for independent spaces (0.6 at n = 256, d = 32); R and R^2 go under "
            "one name elsewhere",
        .source = kSzekely2007,
        .prepare =
            prepare_kernel<PairEntry::distance, Estimator::biased, KernelScore::root_of_ratio>,
    },
    MetricInfo{
        .name = "dcor_sqr_biased",
        .family = "rdm",
        .summary = "distance correlation squared, R^2",
        .formula = "dCov^2(X, Y) / sqrt(dVar^2(X) dVar^2(Y)); see dcor_biased",
        .invariances = kDcorInvariances,
        .cost = kDcorCost,
        .shared_passes = true,
        .chance = kDcorBiasedChance,
        .undefined = "fewer than 2 rows, a constant layer",
        .pitfalls = "far from 0 for independent spaces",
        .source = kSzekely2007,
        .prepare = prepare_kernel<PairEntry::distance, Estimator::biased, KernelScore::ratio>,
    },
    MetricInfo{
        .name = "dcor_sqr_unbiased",
        .family = "rdm",
        .summary = "bias-corrected squared distance correlation",
        .formula =
            "(A~ . B~) / sqrt((A~ . A~)(B~ . B~)), A~ . B~ = sum over i != j of A~_ij B~_ij / "
            "(n (n - 3)), A~ and B~ the U-centred distances",
        .lowest = -1,
        .invariances = kDcorInvariances,
        .cost = kDcorCost,
        .shared_passes = true,
        .chance = "0, exactly, under any relabelling",
        .undefined = "fewer than 4 rows, a constant layer, all distances equal",
        .pitfalls = "may be negative, so it has no square root to report",
        .source = "Szekely, Rizzo, Partial distance correlation with methods for dissimilarities, "
                  "Ann. Stat. 42:2382, 2014, section 3",
        .prepare = prepare_kernel<PairEntry::distance, Estimator::debiased, KernelScore::ratio>,
    },
};

}  // namespace

std::span<const MetricInfo> rdm_metrics() { return kMetrics; }

}  // namespace consilience::engine
