#pragma once
#include <span>

#include "kernels/base/distinct_rows.h"
#include "kernels/base/merge.h"
#include "kernels/ops/neighbors.h"

namespace consilience::kernels {

/// One call of `neighbors`: what every step of a backend needs to know.
struct NeighborCall {
  NeighborCall(const Context& context_, const Conditioned& queries, const Conditioned& gallery,
               const NeighborParams& params_, const NeighborLists& out_,
               const OrderOfKeys& order = order_of_keys);

  const Context& context;
  const NeighborParams& params;
  NeighborLists out;
  Conditioned query_features;
  Conditioned gallery_features;
  bool symmetric;      // the queries are the gallery, each its own self (or none has one)
  DistinctRows kinds;  // of the gallery: equal rows of one group

  [[nodiscard]] double query_scale(int64_t i) const { return scale(query_features, i); }
  [[nodiscard]] double gallery_scale(int64_t j) const { return scale(gallery_features, j); }
  /// The score from which larger is nearer, times this, is the score.
  [[nodiscard]] double sign() const {
    return params.similarity == Similarity::euclidean ? -1.0 : 1.0;
  }
  [[nodiscard]] bool eligible(int64_t i, int64_t j) const;
  /// The kind that has no row but query i itself, or -1.
  [[nodiscard]] int32_t barred_kind(int64_t i) const;
  /// Every row of kind u that may be a neighbour of query i, at this merit.
  void push(int64_t i, int32_t u, double merit, BestRows& best) const;
  /// Writes the outputs of query i: the best k + 1 rows in order, and how many tie with the k-th
  /// beyond it.
  void write(int64_t i, std::span<const Ranked> best, int32_t ties) const;

 private:
  static double scale(const Conditioned& side, int64_t i) {
    return side.scale.empty() ? 1.0 : side.scale[static_cast<size_t>(i)];
  }
};

}  // namespace consilience::kernels
