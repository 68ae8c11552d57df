#pragma once
#include <vector>

#include "kernels/base/block_order.h"
#include "kernels/base/neighbor_call.h"

namespace consilience::kernels::cuda {

/// The kinds of a gallery in the order in which a search meets them: places 0 .. size() - 1.
struct GalleryOrder {
  explicit GalleryOrder(const NeighborCall& call)
      : kinds(shuffled(call.kinds.size())), rows(kinds.size()), place(kinds.size()) {
    for (size_t p = 0; p < kinds.size(); ++p) {
      const auto kind = static_cast<size_t>(kinds[p]);
      rows[p] = call.kinds.rows()[kind];
      place[kind] = static_cast<int32_t>(p);
    }
  }

  [[nodiscard]] int64_t size() const { return std::ssize(kinds); }

  std::vector<int32_t> kinds;  // by place
  std::vector<int32_t> rows;   // by place, one gallery row of its kind
  std::vector<int32_t> place;  // by kind
};

}  // namespace consilience::kernels::cuda
