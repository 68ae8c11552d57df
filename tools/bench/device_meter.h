#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include "kernels/base/backend.h"
#include "kernels/ops/neighbors.h"

/// What the CUDA devices of a context reach at best, to hold a measurement against. Built without
/// CUDA, without a driver or a device, all of it throws Error(never).
namespace consilience::bench {

/// How much device memory was taken on top of what was taken before, on the device where it was
/// most. Looks once a millisecond, and counts what other processes take meanwhile.
class DeviceMemoryPeak {
 public:
  explicit DeviceMemoryPeak(const kernels::Context& context);
  ~DeviceMemoryPeak();
  DeviceMemoryPeak(const DeviceMemoryPeak&) = delete;
  DeviceMemoryPeak& operator=(const DeviceMemoryPeak&) = delete;

  /// Stops looking.
  [[nodiscard]] int64_t bytes();

 private:
  struct Watch;
  std::unique_ptr<Watch> watch_;
};

/// The products of a neighbour search without anything else.
struct ProductsAlone {
  double seconds = 0;  // of the slowest device
  double flop = 0;     // 2 m n d of every tile
  int64_t side = 0;    // rows of a tile
  bool once = false;   // each pair of rows is multiplied once, not twice
};

/// The tiles of a search of `rows` among themselves, multiplied by cuBLASLt as the search does it,
/// but not scanned: the best of `rounds` after one that warms up. `arithmetic`: "f16" or "f32".
/// `out`: any lists that fit; they are not written.
[[nodiscard]] ProductsAlone products_alone(const kernels::Context& context,
                                           const kernels::Conditioned& rows,
                                           const kernels::NeighborParams& params,
                                           const kernels::NeighborLists& out,
                                           std::string_view arithmetic, int rounds);

/// Seconds in which so many rows [n, d] go up to every device through pinned memory, in an order as
/// random as the search's; the best of `rounds` after one that warms up. 0 where they do not fit.
[[nodiscard]] double upload_seconds(const kernels::Context& context,
                                    const kernels::Conditioned& rows, int rounds);

}  // namespace consilience::bench
