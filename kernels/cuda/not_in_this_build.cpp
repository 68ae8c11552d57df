#include "kernels/ops/backends.h"

/// The ops that have no CUDA version.
namespace consilience::kernels::cuda {
namespace {

[[noreturn]] void absent(const char* op) {
  fail(Failure::never, "{}: the CUDA version is not part of this build: choose the cpu backend",
       op);
}

}  // namespace

double mean_sample_quantile(const Context&, Layers, double) { absent("mean_sample_quantile"); }
NeighborWork neighbors(const Context&, const Conditioned&, const Conditioned&,
                       const NeighborParams&, NeighborLists) {
  absent("neighbors");
}
void overlap_counts(const Context&, const PackedLists&, const PackedLists&,
                    std::span<const int32_t>, MatrixView<int64_t>) {
  absent("overlap_counts");
}
void overlap_per_row(const Context&, ListView, ListView, int, std::span<int32_t>) {
  absent("overlap_per_row");
}
void rank_of(const Context&, const Conditioned&, const Conditioned&, const RankParams&,
             MatrixView<const int32_t>, MatrixView<int32_t>) {
  absent("rank_of");
}

}  // namespace consilience::kernels::cuda
