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
  DistinctRows kinds;  // of the gallery

  [[nodiscard]] double query_scale(int64_t i) const { return scale(query_scales, i); }
  [[nodiscard]] double gallery_scale(int64_t j) const { return scale(gallery_scales, j); }
  [[nodiscard]] bool eligible(int64_t i, int64_t j) const;
  /// Whether any row of kind u may be a neighbour of query i.
  [[nodiscard]] bool any_eligible(int64_t i, int64_t u) const;

 private:
  static double scale(std::span<const double> scales, int64_t i) {
    return scales.empty() ? 1.0 : scales[static_cast<size_t>(i)];
  }
};

/// Ranks gallery rows for one query after the other by the exact scores of numerics section 2.
class ExactRanking {
 public:
  explicit ExactRanking(const NeighborSearch& search);

  /// Writes the outputs of query i: the best among the given kinds of gallery rows, of which there
  /// are enough.
  void rank(int64_t i, std::span<const int32_t> kinds);
  /// The same over the whole gallery.
  void rank_all(int64_t i);

 private:
  void start(int64_t i);
  void add(std::span<const int32_t> kinds);
  void write();

  const NeighborSearch& search_;
  double sign_;
  int64_t query_ = 0;
  BestRows best_;
  std::vector<double> v_;
  std::vector<int32_t> rows_;  // [kBatch]
  std::vector<double> dots_;
};

}  // namespace consilience::kernels::cpu
