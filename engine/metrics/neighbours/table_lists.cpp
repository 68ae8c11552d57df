#include "engine/metrics/neighbours/chance_corrected.h"
#include "engine/metrics/neighbours/list_metrics.h"
#include "engine/metrics/neighbours/mutual_knn.h"
#include "engine/metrics/neighbours/table_parts.h"

namespace consilience::engine {
namespace {

constexpr std::array<std::string_view, 2> kGroups = {"as graph", "merged"};
constexpr std::array<std::string_view, 2> kSides = {"x", "y"};
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
constexpr std::array kMutualParameters = {kK, kSimilarity, kMerging};
constexpr std::array kBiasedParameters = {kK, kPersistence, kSimilarity};
constexpr std::array kCycleParameters = {kBackIn, kOutIn, kK, kSimilarity};

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
      "any of k * k ways back counts, so it saturates near 1 early; hubs in A lower it; a space "
      "with itself gives less than 1 where a row is in nobody's list; "
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

}  // namespace

std::vector<MetricInfo> list_metrics() {
  return {mutual(), chance_corrected(), jaccard(), cycle(), lcs(), edit(), rank_biased()};
}

}  // namespace consilience::engine
