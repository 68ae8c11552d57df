#include "kernels/ops/backends.h"

/// The ops that have no CUDA version.
namespace consilience::kernels::cuda {
namespace {

[[noreturn]] void absent(const char* op) {
  fail(Failure::never, "{}: the CUDA version is not part of this build: choose the cpu backend",
       op);
}

}  // namespace

NeighborWork neighbors(const Context&, const Conditioned&, const Conditioned&,
                       const NeighborParams&, NeighborLists) {
  absent("neighbors");
}
void rank_of(const Context&, const Conditioned&, const Conditioned&, const RankParams&,
             MatrixView<const int32_t>, MatrixView<int32_t>) {
  absent("rank_of");
}

}  // namespace consilience::kernels::cuda
