#include "kernels/base/devices.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels {

bool built_with_cuda() { return false; }

int cuda_device_count() { return 0; }

void require_devices(const Context& context) {
  expect(context.backend != Backend::cuda, "CUDA: built without nvcc: use the cpu backend");
}

CudaInstallation describe_cuda() {
  CudaInstallation none;
  none.problem = "built without nvcc";
  return none;
}

}  // namespace consilience::kernels

/// The CUDA backend of a build without nvcc.
namespace consilience::kernels::cuda {
namespace {

[[noreturn]] void absent(const char* op) {
  fail(Failure::never, "{}: built without CUDA: choose the cpu backend", op);
}

}  // namespace

std::optional<Cell> first_not_finite(const Context&, MatrixView<const float>) {
  absent("check_finite");
}
float abs_select(const Context&, Layers, int64_t) { absent("abs_quantile"); }
double mean_sample_quantile(const Context&, Layers, double) { absent("mean_sample_quantile"); }
std::vector<double> column_mean(const Context&, MatrixView<const float>, float) {
  absent("column_mean");
}
std::vector<double> row_scales(const Context&, MatrixView<const float>, float,
                               std::span<const double>) {
  absent("row_scales");
}
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
void resize(const Context&, ConstPicture, Resampling, MutablePicture) { absent("resize"); }
void prepare_pictures(const Context&, std::span<const ConstPicture>, const PictureRecipe&,
                      std::span<float>) {
  absent("prepare_pictures");
}
void hsic_tiles(const Context&, std::span<const TileLayer>, int64_t, bool, TileSums&) {
  absent("hsic_tiles");
}

}  // namespace consilience::kernels::cuda

namespace consilience::kernels {

struct DevicePictures::Impl {};

DevicePictures::DevicePictures(int, const PictureRecipe&, PixelType) {
  fail(Failure::never, "prepare_pictures: built without CUDA: choose the cpu backend");
}
DevicePictures::~DevicePictures() = default;
void DevicePictures::prepare(std::span<const ConstPicture>, void*, void*) {}

}  // namespace consilience::kernels
