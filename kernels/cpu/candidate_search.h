#pragma once
#include <atomic>
#include <vector>

#include "kernels/cpu/candidate_lists.h"
#include "kernels/cpu/neighbor_search.h"
#include "kernels/cpu/packed_rows.h"

namespace consilience::kernels::cpu {

/// The candidate search in one arithmetic: some queries against the kinds of the gallery, tile by
/// tile, then their ranking in double.
class CandidateSearch {
 public:
  /// gallery: packed kinds in the order `kinds`. queries: packed rows `rows` of the query side; or
  /// the very same object where queries are the gallery (`rows` is not read then).
  CandidateSearch(const NeighborSearch& search, const ResidualFrame& frame,
                  const PackedRows& queries, std::span<const int32_t> rows,
                  const PackedRows& gallery, std::span<const int32_t> kinds);

  /// A first part of the pairs, in which every query meets a block of rows. Returns how many
  /// candidates a query will probably have to have ranked in double in the end, in the mean.
  double scan_first();
  /// The rest.
  void scan_rest();

  /// Ranks what was found and adds up the work. Returns the queries that could not be decided.
  std::vector<int32_t> rank(NeighborWork& work);

 private:
  struct Scanner;

  /// Panels [first, last) of rows.
  struct PanelRange {
    int64_t first, last;
  };
  /// From how many candidates, of the sampled queries, cannot be told from their best and from
  /// their four best.
  [[nodiscard]] double expected_candidates(double near_first, double near_fourth) const;

  /// Ranks places [begin, end), and for each of them the kinds that tiles cannot hold (`outcasts`);
  /// gives up what remains unproven. Returns how many candidates there were.
  int64_t rank(int64_t begin, int64_t end, std::span<const int32_t> outcasts);

  [[nodiscard]] int64_t query_rows() const { return queries_.panels.rows(); }
  [[nodiscard]] int64_t gallery_rows() const { return gallery_.panels.rows(); }
  /// Of the gallery, that queries other than it meet first.
  [[nodiscard]] int64_t seed_panels() const;
  [[nodiscard]] int64_t blocks() const;
  [[nodiscard]] PanelRange block(int64_t b) const;
  [[nodiscard]] bool eligible(int64_t p, int64_t j) const;
  /// The queries that place p stands for.
  [[nodiscard]] std::span<const int32_t> rows_of(int64_t p) const;
  [[nodiscard]] std::span<const int32_t> kinds_at(std::span<const int32_t> places,
                                                  std::vector<int32_t>& kinds) const;
  /// A merit in the units of the residuals, less the level of place p.
  [[nodiscard]] double in_units(double merit, int64_t p) const;

  const NeighborSearch& search_;
  const ResidualFrame& frame_;
  const PackedRows& queries_;
  const PackedRows& gallery_;
  std::span<const int32_t> rows_;
  std::span<const int32_t> kinds_;
  bool symmetric_;
  int64_t block_panels_;
  std::vector<int32_t> barred_;  // [queries] the kind's place that has no row for it, or -1
  std::vector<int32_t> query_group_;
  std::vector<int32_t> gallery_group_;
  std::vector<int64_t> seen_;                   // [blocks] rows that a block has met
  std::vector<std::vector<BestRows>> spilled_;  // [queries, members] ranked on the way
  std::atomic<int64_t> spilled_count_ = 0;
  CandidateLists lists_;
};

}  // namespace consilience::kernels::cpu
