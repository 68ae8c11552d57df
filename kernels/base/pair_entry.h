#pragma once
#include <cmath>

#include "kernels/base/host_device.h"
#include "kernels/ops/hsic_tiles.h"

namespace consilience::kernels {

/// Whether entries are made of squared distances, not of dot products.
constexpr bool of_distances(PairEntry entry) { return entry != PairEntry::dot; }

/// The entry of a dot product, or of a squared distance.
CONSILIENCE_HOST_DEVICE inline double pair_entry(const PairKernel& kernel, double sum) {
  switch (kernel.entry) {
    case PairEntry::rbf:
      return kernel.shift > 0 ? kernel.shift * std::expm1((kernel.typical - sum) /
                                                          (2 * kernel.sigma * kernel.sigma))
                              : std::exp(-sum / (2 * kernel.sigma * kernel.sigma));
    case PairEntry::distance:
      return std::sqrt(sum) - kernel.shift;
    case PairEntry::half_squared_distance:
      return sum / 2;
    default:
      return sum;
  }
}

}  // namespace consilience::kernels
