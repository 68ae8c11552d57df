#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <vector>

#include "kernels/cuda/device/shared.cuh"
#include "kernels/cuda/devices.h"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/picture_passes.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels {
namespace cuda {
namespace {

constexpr unsigned kBlock = 256;
constexpr int64_t kMaxGrid = 4096;
constexpr int kBytes = 256;  // values of a byte
constexpr int64_t kAtOnce = 64;

/// pictures [B, plane, 3] bytes; values [3, 256]: what each becomes; out [B, 3, plane]. Values are
/// moved, never computed with: T is any type of their size.
template <typename T>
__global__ void look_up(const uint8_t* pictures, int64_t count, int64_t plane, const T* values,
                        T* out) {
  SHARED(T, table, 3 * kBytes);
  for (unsigned v = threadIdx.x; v < 3 * kBytes; v += blockDim.x) table[v] = values[v];
  __syncthreads();
  const int64_t step = int64_t{gridDim.x} * blockDim.x;
  for (int64_t e = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; e < count * plane; e += step) {
    T* first = out + e / plane * 3 * plane + e % plane;
    for (int c = 0; c < 3; ++c) first[c * plane] = table[c * kBytes + pictures[3 * e + c]];
  }
}

std::vector<uint32_t> values_of(const PictureRecipe& recipe) {
  std::vector<uint32_t> bits;
  for (size_t c = 0; c < 3; ++c)
    for (int v = 0; v < kBytes; ++v)
      bits.push_back(std::bit_cast<uint32_t>(normalised(v, recipe.mean[c], recipe.std[c])));
  return bits;
}

std::vector<uint16_t> narrow_values_of(const PictureRecipe& recipe, PixelType type) {
  std::vector<uint16_t> bits;
  for (const uint32_t wide : values_of(recipe)) {
    const auto value = std::bit_cast<float>(wide);
    bits.push_back(type == PixelType::f16 ? __half_raw(__float2half_rn(value)).x
                                          : __nv_bfloat16_raw(__float2bfloat16_rn(value)).x);
  }
  return bits;
}

/// An event on a stream that somebody else owns.
class Mark {
 public:
  Mark() { CUDA_CHECK(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
  ~Mark() {
    cudaEventSynchronize(event_);
    cudaEventDestroy(event_);
  }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;

  void record(cudaStream_t stream) { CUDA_CHECK(cudaEventRecord(event_, stream)); }
  void wait() const { CUDA_CHECK(cudaEventSynchronize(event_)); }

 private:
  cudaEvent_t event_ = nullptr;
};

/// One batch under way.
struct Slot {
  explicit Slot(Resampling how) : passes(how) {}

  PicturePasses passes;
  Mark done;  // the first to go: what is queued still reads the buffers above
};

}  // namespace
}  // namespace cuda

struct DevicePictures::Impl {
  Impl(int number, const PictureRecipe& how, PixelType what)
      : device(cuda::devices_of({Backend::cuda, 1, number, 1}).front()), recipe(how), type(what) {}

  /// T of the size of a value; table [3, 256].
  template <typename T>
  void queue(const uint8_t* pictures, int64_t count, const T* table, void* out,
             cudaStream_t stream) const {
    const int64_t plane = int64_t{recipe.crop} * recipe.crop;
    const int64_t blocks = (count * plane + cuda::kBlock - 1) / cuda::kBlock;
    cuda::launch(cuda::look_up<T>, static_cast<unsigned>(std::min(blocks, cuda::kMaxGrid)),
                 cuda::kBlock, 0, stream, pictures, count, plane, table, static_cast<T*>(out));
  }

  int device;
  PictureRecipe recipe;
  PixelType type;
  std::unique_ptr<cuda::DeviceBuffer<uint32_t>> values;
  std::unique_ptr<cuda::DeviceBuffer<uint16_t>> narrow_values;
  std::array<std::unique_ptr<cuda::Slot>, 2> slots;
  size_t next = 0;
};

DevicePictures::DevicePictures(int device, const PictureRecipe& recipe, PixelType type) {
  check_pictures({}, recipe);
  impl_ = std::make_unique<Impl>(device, recipe, type);
  const cuda::CurrentDevice current(impl_->device);
  for (auto& slot : impl_->slots) slot = std::make_unique<cuda::Slot>(recipe.resampling);
  const cuda::Stream stream;
  if (type == PixelType::f32) {
    const auto values = cuda::values_of(recipe);
    impl_->values = std::make_unique<cuda::DeviceBuffer<uint32_t>>(std::ssize(values));
    impl_->values->upload(values, stream);
    stream.synchronize();
  } else {
    const auto values = cuda::narrow_values_of(recipe, type);
    impl_->narrow_values = std::make_unique<cuda::DeviceBuffer<uint16_t>>(std::ssize(values));
    impl_->narrow_values->upload(values, stream);
    stream.synchronize();
  }
}

DevicePictures::~DevicePictures() = default;

void DevicePictures::prepare(std::span<const ConstPicture> pictures, void* out, void* stream) {
  check_pictures(pictures, impl_->recipe);
  if (pictures.empty()) return;
  const int crop = impl_->recipe.crop;
  std::vector<cuda::PictureJob> jobs;
  for (const ConstPicture& picture : pictures)
    jobs.push_back({picture, picture_window(picture, impl_->recipe), crop, crop});

  const cuda::CurrentDevice current(impl_->device);
  auto* const queue = static_cast<cudaStream_t>(stream);
  cuda::Slot& slot = *impl_->slots[impl_->next];
  impl_->next = 1 - impl_->next;
  slot.done.wait();
  const uint8_t* resized = slot.passes.run(jobs, queue);
  if (impl_->type == PixelType::f32) {
    impl_->queue<uint32_t>(resized, std::ssize(jobs), impl_->values->data(), out, queue);
  } else {
    impl_->queue<uint16_t>(resized, std::ssize(jobs), impl_->narrow_values->data(), out, queue);
  }
  slot.done.record(queue);
}

namespace cuda {

void prepare_pictures(const Context& context, std::span<const ConstPicture> pictures,
                      const PictureRecipe& recipe, std::span<float> out) {
  const int number = devices_of(context).front();
  const CurrentDevice device(number);
  const Stream stream;
  DevicePictures passes(number, recipe);
  const int64_t size = 3 * int64_t{recipe.crop} * recipe.crop;
  const int64_t count = std::ssize(pictures);
  DeviceBuffer<float> values(size * std::min(kAtOnce, count));
  for (int64_t first = 0; first < count; first += kAtOnce) {
    const int64_t some = std::min(kAtOnce, count - first);
    passes.prepare(pictures.subspan(static_cast<size_t>(first), static_cast<size_t>(some)),
                   values.data(), stream.get());
    CUDA_CHECK(cudaMemcpyAsync(out.data() + first * size, values.data(),
                               static_cast<size_t>(some * size) * sizeof(float),
                               cudaMemcpyDeviceToHost, stream.get()));
  }
  stream.synchronize();
}

}  // namespace cuda
}  // namespace consilience::kernels
