#include "engine/metrics/neighbours/group_metrics.h"
#include "engine/metrics/neighbours/permutation_metrics.h"
#include "engine/metrics/neighbours/table_parts.h"
#include "engine/metrics/neighbours/tie_bounds.h"

namespace consilience::engine {
namespace {

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

std::vector<MetricInfo> mutual_knn_references() {
  return {permutation_mean(),  permutation_sd(), class_agreement(),
          within_class_mean(), tie_min(),        tie_max()};
}

}  // namespace consilience::engine
