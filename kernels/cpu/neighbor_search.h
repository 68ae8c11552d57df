#pragma once
#include <span>
#include <vector>

#include "kernels/base/neighbor_call.h"
#include "kernels/cpu/fixed_dot.h"

namespace consilience::kernels::cpu {

/// A call with the sides as vectors read them.
struct NeighborSearch : NeighborCall {
  NeighborSearch(const Context& context_, const Conditioned& queries_, const Conditioned& gallery_,
                 const NeighborParams& params_, const NeighborLists& out_);

  Side queries;
  Side gallery;
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
  std::vector<double> v_;
  std::vector<int32_t> rows_;  // of a batch
  std::vector<double> dots_;
};

}  // namespace consilience::kernels::cpu
