#pragma once
#include <span>
#include <vector>

#include "kernels/cpu/neighbor_search.h"

namespace consilience::kernels::cpu {

/// Ranks candidates of many queries together by the exact scores of numerics section 2, gallery row
/// by gallery row: each comes from memory once for all of these queries, which stay in the cache.
/// (A product of rows scattered over memory takes four times as long as of rows in the cache.)
class ChunkRanking {
 public:
  explicit ChunkRanking(const NeighborSearch& search);

  /// So many queries fit a cache that threads share.
  [[nodiscard]] static int64_t queries(const NeighborSearch& search);

  /// Begins with a new set of queries.
  void start(std::span<const int32_t> queries);
  /// What has been ranked of the query at place `q` of these.
  [[nodiscard]] BestRows& best(size_t q) { return best_[q]; }
  /// Kinds to be ranked for it: each kind once.
  void add(size_t q, std::span<const int32_t> kinds);
  /// Ranks all that was added.
  void rank();

 private:
  struct Wanted {
    int32_t query;  // place
    int32_t kind;
  };
  void order_by_kind();
  void prefetch(int32_t kind) const;
  void rank(int32_t kind, std::span<const int32_t> places);

  const NeighborSearch& search_;
  std::span<const int32_t> queries_;
  std::vector<BestRows> best_;  // [queries]
  std::vector<Wanted> wanted_;
  std::vector<int32_t> end_;     // [kinds] of the places that want it
  std::vector<int32_t> places_;  // by kind
  std::vector<double> v_;
  std::vector<int32_t> rows_;
  std::vector<double> dots_;
};

}  // namespace consilience::kernels::cpu
