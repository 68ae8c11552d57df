#pragma once
#include <functional>
#include <span>
#include <vector>

#include "kernels/base/residual_frame.h"
#include "kernels/cuda/candidate_lists.h"
#include "kernels/cuda/gallery_order.h"

namespace consilience::kernels::cuda {

/// One device's part of the lists of the same queries, compacted and scored.
struct ListPart {
  int device;
  const CandidateLists* lists;
  const Stream* stream;
};

/// What proves a list complete, by query.
struct ListProof {
  std::vector<float> own;
  std::vector<double> level;
};

/// Ranks what the parts found of queries 0 .. rows-1, together with the kinds that no product holds
/// (`outcasts`), and writes what is proven. `rows_of(p)`: the rows of the query side that query p
/// stands for. Returns those that could not be decided; adds up `candidates`.
[[nodiscard]] std::vector<int32_t> rank_lists(
    const NeighborCall& call, const GalleryOrder& order, const ResidualFrame& frame,
    std::span<const ListPart> parts, const ListProof& proof, std::span<const int32_t> outcasts,
    const std::function<std::span<const int32_t>(int64_t)>& rows_of, int64_t& candidates);

}  // namespace consilience::kernels::cuda
