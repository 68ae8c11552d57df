#include "engine/metrics/neighbours/table.h"

#include <array>
#include <vector>

#include "engine/metrics/neighbours/chance_corrected.h"
#include "engine/metrics/neighbours/cknna.h"
#include "engine/metrics/neighbours/group_metrics.h"
#include "engine/metrics/neighbours/information_imbalance.h"
#include "engine/metrics/neighbours/list_metrics.h"
#include "engine/metrics/neighbours/mutual_knn.h"
#include "engine/metrics/neighbours/permutation_metrics.h"
#include "engine/metrics/neighbours/tie_bounds.h"

namespace consilience::engine {
namespace {

constexpr std::array<std::string_view, 4> kSimilarities = {"auto", "cosine", "euclidean", "dot"};
constexpr std::array<std::string_view, 3> kRankSimilarities = {"euclidean", "cosine", "dot"};
constexpr std::array<std::string_view, 2> kGroups = {"as graph", "merged"};
constexpr std::array<std::string_view, 2> kSides = {"x", "y"};
constexpr std::array<std::string_view, 2> kDirections = {"x->y", "y->x"};

constexpr ParameterInfo kK = {.name = "k",
                              .default_text = "10",
                              .lowest = 1,
                              .highest = 1024,
                              .whole = true,
                              .meaning = "neighbours a row"};
constexpr ParameterInfo kKOfTwo = {.name = "k",
                                   .default_text = "10",
                                   .lowest = 2,
                                   .highest = 1024,
                                   .whole = true,
                                   .meaning = "neighbours a row; the released code refuses 1"};
constexpr ParameterInfo kSimilarity = {
    .name = "similarity",
    .default_text = "auto",
    .lowest = 1,
    .words = kSimilarities,
    .meaning = "what neighbours are ranked by; auto: as the features are conditioned"};
constexpr ParameterInfo kRankedBy = {.name = "similarity",
                                     .default_text = "euclidean",
                                     .lowest = 1,
                                     .words = kRankSimilarities,
                                     .meaning = "what both spaces rank rows by"};
constexpr ParameterInfo kMerging = {
    .name = "groups",
    .default_text = "as graph",
    .lowest = 1,
    .words = kGroups,
    .meaning = "merged: neighbours are counted by group, siblings as one, the own group left out"};
constexpr ParameterInfo kPersistence = {.name = "p",
                                        .default_text = "0.9",
                                        .lowest = 0.001,
                                        .highest = 0.999,
                                        .meaning = "persistence: depth d weighs p^(d-1)"};
constexpr ParameterInfo kBackIn = {.name = "A",
                                   .default_text = "x",
                                   .lowest = 1,
                                   .words = kSides,
                                   .meaning = "the side that must lead back to the sample"};
constexpr ParameterInfo kOutIn = {.name = "B",
                                  .default_text = "y",
                                  .lowest = 1,
                                  .words = kSides,
                                  .meaning = "the side whose neighbours are taken first; not A"};
constexpr ParameterInfo kDirection = {
    .name = "direction",
    .default_text = "x->y",
    .lowest = 1,
    .words = kDirections,
    .meaning = "x->y: neighbours in x, their ranks in y: how well x predicts y"};

constexpr std::array kMutualParameters = {kK, kSimilarity, kMerging};
constexpr std::array kListParameters = {kK, kSimilarity};
constexpr std::array kReleasedParameters = {kKOfTwo, kSimilarity};
constexpr std::array kBiasedParameters = {kK, kPersistence, kSimilarity};
constexpr std::array kCycleParameters = {kBackIn, kOutIn, kK, kSimilarity};
constexpr std::array kImbalanceParameters = {kDirection, kRankedBy};

constexpr std::string_view kInvariances =
    "under cosine: orthogonal maps, a common factor, a factor per row; under euclidean: orthogonal "
    "maps, a common factor, a common shift, but no factor per row";
constexpr std::string_view kKernelInvariances =
    "orthogonal maps and a common factor; under l2 also a factor per row; no common shift unless "
    "the features are centred";
constexpr std::string_view kListCost = "n k a layer pair, from stored lists";
constexpr std::string_view kNoLists = "k >= n, a constant layer, a zero row under l2";
constexpr std::string_view kPlatonic =
    "Huh et al., The Platonic Representation Hypothesis, ICML 2024";

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

MetricInfo mutual() {
  MetricInfo info = list_metric("mutual_knn", prepare_mutual_knn);
  info.summary = "share of the k nearest neighbours that both spaces have in common";
  info.formula = "mean_i |N_A(i) & N_B(i)| / k";
  info.parameters = kMutualParameters;
  info.chance =
      "k / (n - 1), exactly, under any relabelling; not known in closed form for merged "
      "groups";
  info.undefined =
      "k >= n, a constant layer, a zero row under l2; groups=merged: no group ids, or "
      "a row whose stored list holds fewer than k other groups";
  info.pitfalls =
      "falls with n at fixed k even for strong pairs; cosine on uncentred features depends on the "
      "offset; duplicates raise it. merged: a relabelled row that lists fewer than k groups counts "
      "those it has";
  info.source = "Huh et al., The Platonic Representation Hypothesis, ICML 2024, equation 11";
  return info;
}

MetricInfo chance_corrected() {
  MetricInfo info = list_metric("mutual_knn_chance_corrected", prepare_mutual_knn_chance_corrected);
  info.summary = "mutual k-NN on a scale where chance is 0 and agreement is 1";
  info.formula = "(s - c) / (1 - c), s = mutual_knn(k), c = k / (n - 1)";
  info.lowest = -1;
  info.chance = "0, exactly, under any relabelling";
  info.undefined = "k >= n - 1, a constant layer, a zero row under l2";
  info.pitfalls =
      "corrects one layer pair: the maximum over layers has a higher chance level, its "
      "null mean";
  info.source = "Cohen's kappa (1960) with the chance level of mutual k-NN";
  return info;
}

MetricInfo jaccard() {
  MetricInfo info = list_metric("jaccard_knn", prepare_jaccard_knn);
  info.summary = "neighbours in common over neighbours in either space";
  info.formula = "mean_i |N_A(i) & N_B(i)| / |N_A(i) | N_B(i)|";
  info.chance =
      "the mean of m / (2 k - m), m hypergeometric (n - 1, k, k): exact under any "
      "relabelling";
  info.pitfalls =
      "never above mutual_knn with the same k; some papers print one under the other's "
      "name";
  info.source = "Jaccard, New Phytologist 1912, over neighbour sets";
  return info;
}

MetricInfo cycle() {
  MetricInfo info = list_metric("cycle_knn", prepare_cycle_knn);
  info.summary = "share of samples found again by going to a neighbour in B and back in A";
  info.formula = "fraction of i for which some j in N_B(i) has i in N_A(j)";
  info.parameters = kCycleParameters;
  info.symmetric = false;
  info.chance =
      "the mean over rows of 1 - C(n-1-c, k) / C(n-1, k), c = how often A lists the row; "
      "about 1 - (1 - k / (n - 1))^k: nearly k times that of mutual_knn";
  info.undefined = "A = B; k >= n, a constant layer, a zero row under l2";
  info.pitfalls =
      "any of k * k ways back counts, so it saturates near 1 early; hubs in A lower it; "
      "A=x, B=y and A=y, B=x differ";
  info.source = "released code of Huh et al., ICML 2024 (cycle_knn)";
  return info;
}

MetricInfo lcs() {
  MetricInfo info = list_metric("lcs_knn", prepare_lcs_knn);
  info.summary = "longest common subsequence of the ordered neighbour lists";
  info.formula = "mean_i LCS(list_A(i), list_B(i)) / k";
  info.cost = "n k log k a layer pair, from stored lists";
  info.chance = "no closed form: below k / (n - 1); use permutations";
  info.pitfalls = "the released code gives the raw length, 0 to k; ties are ordered by index";
  info.source = "Huh et al., ICML 2024, appendix; Hunt and Szymanski (1977) for the algorithm";
  return info;
}

MetricInfo edit() {
  MetricInfo info = list_metric("edit_knn", prepare_edit_knn);
  info.summary = "edit distance of the ordered neighbour lists, as a similarity";
  info.formula = "1 - mean_i Levenshtein(list_A(i), list_B(i)) / k";
  info.cost = "n k^2 a layer pair, from stored lists";
  info.chance = "no closed form: below k / (n - 1); use permutations";
  info.pitfalls =
      "a neighbour counts only where its place fits, so values are far below mutual_knn; "
      "ties are ordered by index";
  info.source = "Huh et al., ICML 2024, appendix; Levenshtein (1966)";
  return info;
}

MetricInfo rank_biased() {
  MetricInfo info = list_metric("rbo_knn", prepare_rbo_knn);
  info.summary = "rank-biased overlap of the ordered neighbour lists, extrapolated";
  info.formula =
      "mean_i [X_k p^k / k + (1 - p) / p sum_{d=1..k} p^d X_d / d], X_d = neighbours in "
      "common among the first d of both";
  info.parameters = kBiasedParameters;
  info.chance = "sum over depths of the weight times d / (n - 1): exact under any relabelling";
  info.pitfalls =
      "the extrapolated form (agreement at depth k goes on for ever), in which equal "
      "lists give 1; the truncated sum gives 1 - p^k for them. With p^k far from 0 the "
      "last term decides";
  info.source =
      "Webber, Moffat, Zobel, A Similarity Measure for Indefinite Rankings, TOIS 2010, "
      "RBO_EXT of lists of one length";
  return info;
}

MetricInfo imbalance() {
  MetricInfo info = list_metric("information_imbalance", prepare_information_imbalance);
  info.summary = "how far down the other space's order a row's nearest neighbour stands";
  info.formula = "(2 / n) mean_i rank_B(i, nn_A(i)), the nearest has rank 1; x->y: A = x, B = y";
  info.parameters = kImbalanceParameters;
  info.preprocess = "raw";
  info.symmetric = false;
  info.larger_is_closer = false;
  info.lowest = 0;
  info.highest = 2;
  info.needs = Needs::both;
  info.fixed_k = 1;
  info.graph = kernels::Similarity::euclidean;
  info.cost =
      "n^2 d a layer once; up to 4,096 rows all ranks are then kept (2 n^2 bytes a layer), "
      "beyond that every relabelling ranks again";
  info.chance = "1, exactly, under any relabelling";
  info.undefined = "n < 2, a constant layer, a zero row under l2";
  info.pitfalls =
      "2 / n, not 0, where the nearest neighbours agree; duplicates are ranked by index; "
      "rests on one neighbour a row, so noise at the smallest scale decides it";
  info.source =
      "Glielmo et al., Ranking the information content of distance measures, PNAS Nexus "
      "2022, equation 1";
  return info;
}

MetricInfo cknna(std::string_view name, Prepare prepare) {
  MetricInfo info = list_metric(name, prepare);
  info.needs = Needs::both;
  info.lowest = -1;
  info.invariances = kKernelInvariances;
  info.cost = "n k d a layer once, then n k a layer pair";
  info.chance = "no single value: the sum of both sides' centred entries decides; use permutations";
  info.undefined =
      "k >= n, a constant layer, a zero row under l2, a layer whose listed entries all "
      "equal their row's mean";
  info.source = kPlatonic;
  return info;
}

MetricInfo cknna_eq16() {
  MetricInfo info = cknna("cknna_eq16", prepare_cknna_eq16);
  info.summary = "CKNNA as printed: kernel alignment over shared neighbours (also 'cknna')";
  info.formula =
      "Align(K, L) / sqrt(Align(K, K) Align(L, L)), Align(K, L) = sum_i sum_{j in N_A(i) "
      "& N_B(i)} (K_ij - mean_l K_il)(L_ij - mean_l L_il), l over all samples";
  info.pitfalls =
      "the released code computes something else: cknna_prh_code; entries are centred by "
      "row means alone, and listed ones lie above them, so shared neighbours nearly "
      "always add";
  info.source = "Huh et al., The Platonic Representation Hypothesis, ICML 2024, equations 16 to 18";
  return info;
}

MetricInfo cknna_without_self() {
  MetricInfo info = cknna("cknna_eq16_row_mean_without_self", prepare_cknna_without_self);
  info.summary = "CKNNA with row means that leave out the sample itself";
  info.formula = "as cknna_eq16 with the row means over l != i";
  info.pitfalls = "nears cknna_eq16 as n grows; name the variant when quoting it";
  return info;
}

MetricInfo cknna_prh_code() {
  MetricInfo info = cknna("cknna_prh_code", prepare_cknna_prh_code);
  info.summary = "CKNNA as the released code has it (also 'cknna_prh')";
  info.formula =
      "HSIC_1(M K, M L) / (sqrt(HSIC_1(M_A K) HSIC_1(M_B L)) + 1e-6), M_ij = [j in "
      "N_A(i)][j in N_B(i)]";
  info.parameters = kReleasedParameters;
  info.invariances =
      "orthogonal maps; under l2 a common factor and a factor per row; the added 1e-6 "
      "breaks the common factor otherwise";
  info.undefined =
      "k >= n, n < 4, a constant layer, a zero row under l2, a self HSIC that is not "
      "above 0";
  info.pitfalls =
      "kernels are masked but not centred, and only pairs that both spaces list in both "
      "directions enter the trace";
  info.source =
      "released code of Huh et al., ICML 2024 (cknna, unbiased); HSIC_1: Song et al., JMLR "
      "2012";
  return info;
}

MetricInfo permutation_mean() {
  MetricInfo info = list_metric("mutual_knn_permutation_mean", prepare_permutation_mean);
  info.summary = "mean of mutual k-NN over all relabellings of one side";
  info.formula = "k / (n - 1)";
  info.cost = "none";
  info.chance = "itself";
  info.pitfalls = "of one layer pair; the maximum over layers has a higher mean";
  info.source = "each neighbour is equally likely to be any other row";
  return info;
}

MetricInfo permutation_sd() {
  MetricInfo info = list_metric("mutual_knn_permutation_sd", prepare_permutation_sd);
  info.summary = "standard deviation of mutual k-NN over all relabellings of one side";
  info.formula =
      "sqrt(E[G^2] - E[G]^2) / (n k), E[G^2] = (T1 T1' + T2 T2') / p2 + (T3 T3' + T4 T4' "
      "+ 2 T5 T5') / p3 + T6 T6' / p4 from in-degrees and reciprocity";
  info.cost = "n k^2 a layer once";
  info.chance = "itself";
  info.undefined = "n < 4, k >= n, a constant layer, a zero row under l2";
  info.pitfalls =
      "exact for one layer pair; the null is skewed where there are hubs, so no normal "
      "tail; row-wise binomial formulas are several times too small";
  info.source = "Mantel, Cancer Research 1967: moments of the quadratic assignment statistic";
  return info;
}

MetricInfo class_agreement() {
  MetricInfo info = list_metric("class_agreement_knn", prepare_class_agreement);
  info.summary = "how far both spaces' neighbours come from the same classes";
  info.formula = "mean_i (1 / k) sum_c min(#{j in N_A(i) of class c}, #{j in N_B(i) of class c})";
  info.chance =
      "no closed form, and not k / (n - 1): that of few, uneven classes is high; use "
      "permutations";
  info.undefined = "no class ids, k >= n, a constant layer, a zero row under l2";
  info.pitfalls =
      "never below mutual_knn with the same k; compare it with its null, not with 0; it "
      "says nothing about the classes being right";
  info.source = "consilience";
  return info;
}

MetricInfo within_class_mean() {
  MetricInfo info = list_metric("mutual_knn_within_class_mean", prepare_within_class_mean);
  info.summary = "mean of mutual k-NN over all relabellings within classes: what classes explain";
  info.formula =
      "(1 / (n k)) sum_{c, d} E_A(c, d) E_B(c, d) / P(c, d), E(c, d) = listed pairs from "
      "class c to d, P(c, d) = all such pairs, i != j";
  info.chance = "k / (n - 1), exactly, under any relabelling";
  info.undefined = "no class ids, k >= n, a constant layer, a zero row under l2";
  info.pitfalls =
      "mutual_knn minus this is agreement on instances; with classes of one sample each "
      "it equals mutual_knn";
  info.source = "consilience; the first moment of the quadratic assignment statistic in blocks";
  return info;
}

MetricInfo tie_bound(std::string_view name, Prepare prepare) {
  MetricInfo info = list_metric(name, prepare);
  info.needs = Needs::both;
  info.cost = "n k a layer pair; n d for every row with ties beyond its stored list";
  info.chance = "not known in closed form; k / (n - 1) where nothing ties";
  info.undefined = "lists without scores, k >= n, a constant layer, a zero row under l2";
  info.pitfalls =
      "ties are exact: equal scores in the arithmetic of the graph; rounding splits ties "
      "that hold on paper";
  info.source = "consilience";
  return info;
}

MetricInfo tie_min() {
  MetricInfo info = tie_bound("mutual_knn_tie_min", prepare_tie_min);
  info.summary = "smallest mutual k-NN over all ways of breaking ties at the k-th place";
  info.formula = "mean_i min |N_A(i) & N_B(i)| / k over all choices among tied rows";
  return info;
}

MetricInfo tie_max() {
  MetricInfo info = tie_bound("mutual_knn_tie_max", prepare_tie_max);
  info.summary = "largest mutual k-NN over all ways of breaking ties at the k-th place";
  info.formula = "mean_i max |N_A(i) & N_B(i)| / k over all choices among tied rows";
  return info;
}

}  // namespace

std::span<const MetricInfo> neighbour_metrics() {
  static const std::vector<MetricInfo> metrics = {mutual(),
                                                  chance_corrected(),
                                                  jaccard(),
                                                  cycle(),
                                                  lcs(),
                                                  edit(),
                                                  rank_biased(),
                                                  imbalance(),
                                                  cknna_eq16(),
                                                  cknna_without_self(),
                                                  cknna_prh_code(),
                                                  permutation_mean(),
                                                  permutation_sd(),
                                                  class_agreement(),
                                                  within_class_mean(),
                                                  tie_min(),
                                                  tie_max()};
  return metrics;
}

}  // namespace consilience::engine
