#include <limits>

#include "engine/metrics/neighbours/cknna.h"
#include "engine/metrics/neighbours/information_imbalance.h"
#include "engine/metrics/neighbours/table_parts.h"

namespace consilience::engine {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
constexpr std::array<std::string_view, 3> kRankSimilarities = {"euclidean", "cosine", "dot"};
constexpr std::array<std::string_view, 2> kDirections = {"x->y", "y->x"};
constexpr ParameterInfo kKOfTwo = {.name = "k",
                                   .default_text = "10",
                                   .lowest = 2,
                                   .highest = 1024,
                                   .whole = true,
                                   .meaning = "neighbours a row; the released code refuses 1"};
constexpr ParameterInfo kRankedBy = {.name = "similarity",
                                     .default_text = "euclidean",
                                     .lowest = 1,
                                     .words = kRankSimilarities,
                                     .meaning = "what both spaces rank rows by"};
constexpr ParameterInfo kDirection = {
    .name = "direction",
    .default_text = "x->y",
    .lowest = 1,
    .words = kDirections,
    .meaning = "x->y: neighbours in x, their ranks in y: how well x predicts y"};
constexpr std::array kReleasedParameters = {kKOfTwo, kSimilarity};
constexpr std::array kImbalanceParameters = {kDirection, kRankedBy};
constexpr std::string_view kKernelInvariances =
    "orthogonal maps and a common factor; under l2 also a factor per row; no common shift unless "
    "the features are centred";
constexpr std::string_view kPlatonic =
    "Huh et al., The Platonic Representation Hypothesis, ICML 2024";

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
  info.symmetric = false;
  info.lowest = -kUnbounded;
  info.highest = kUnbounded;
  info.invariances =
      "orthogonal maps; under l2 a common factor and a factor per row; the added 1e-6 "
      "breaks the common factor otherwise";
  info.undefined =
      "k >= n, n < 4, a constant layer, a zero row under l2, a self HSIC that is not "
      "above 0";
  info.pitfalls =
      "kernels are masked but not centred, and only pairs that both spaces list in both "
      "directions enter the trace; the masked kernels are not symmetric and the code multiplies "
      "them in one order only, so A, B and B, A differ; not bounded by 1";
  info.source =
      "released code of Huh et al., ICML 2024 (cknna, unbiased); HSIC_1: Song et al., JMLR "
      "2012";
  return info;
}

}  // namespace

std::vector<MetricInfo> list_and_feature_metrics() {
  return {imbalance(), cknna_eq16(), cknna_without_self(), cknna_prh_code()};
}

}  // namespace consilience::engine
