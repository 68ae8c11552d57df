#include "kernels/base/error.h"
#include "tools/bench/device_meter.h"

/// Of a build without nvcc.
namespace consilience::bench {
namespace {

[[noreturn]] void absent() {
  fail(Failure::never, "bench: built without CUDA: choose the cpu backend");
}

}  // namespace

struct DeviceMemoryPeak::Watch {};

DeviceMemoryPeak::DeviceMemoryPeak(const kernels::Context&) { absent(); }
DeviceMemoryPeak::~DeviceMemoryPeak() = default;
int64_t DeviceMemoryPeak::bytes() { return 0; }
ProductsAlone products_alone(const kernels::Context&, const kernels::Conditioned&,
                             const kernels::NeighborParams&, const kernels::NeighborLists&,
                             std::string_view, int) {
  absent();
}
double upload_seconds(const kernels::Context&, const kernels::Conditioned&, int) { absent(); }

}  // namespace consilience::bench
