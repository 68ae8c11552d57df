#pragma once
#include <span>
#include <vector>

#include "kernels/base/merge.h"
#include "kernels/cpu/distinct_rows.h"
#include "kernels/cpu/fixed_dot.h"
#include "kernels/ops/neighbors.h"

namespace consilience::kernels::cpu {

/// One call of `neighbors`: what every step needs to know.
struct NeighborSearch {
  NeighborSearch(const Context& context_, const Conditioned& queries, const Conditioned& gallery,
                 const NeighborParams& params_, const NeighborLists& out_);

  const Context& context;
  const NeighborParams& params;
  NeighborLists out;
  Side queries;
  Side gallery;
  std::span<const double> query_scales;
  std::span<const double> gallery_scales;
  bool symmetric;      // the queries are the gallery, each its own self (or none has one)
  DistinctRows kinds;  // of the gallery: equal rows of one group

  [[nodiscard]] double query_scale(int64_t i) const { return scale(query_scales, i); }
  [[nodiscard]] double gallery_scale(int64_t j) const { return scale(gallery_scales, j); }
  [[nodiscard]] bool eligible(int64_t i, int64_t j) const;
  /// Writes the outputs of query i: the best k + 1 rows in order, and how many tie with the k-th
  /// beyond it.
  void write(int64_t i, std::span<const Ranked> best, int32_t ties) const;

 private:
  static double scale(std::span<const double> scales, int64_t i) {
    return scales.empty() ? 1.0 : scales[static_cast<size_t>(i)];
  }
};

/// Ranks gallery rows for one query by the exact scores of numerics section 2.
class ExactRanking {
 public:
  explicit ExactRanking(const NeighborSearch& search);

  /// All rows of these kinds for query i.
  void rank(int64_t i, std::span<const int32_t> kinds, BestRows& best);

  /// The whole gallery, outputs included.
  void rank_all(int64_t i);

 private:
  const NeighborSearch& search_;
  double sign_;
  std::vector<double> v_;
  std::vector<int32_t> rows_;  // of a batch
  std::vector<double> dots_;
};

}  // namespace consilience::kernels::cpu
