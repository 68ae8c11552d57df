#include "kernels/cuda/devices.h"
#include "kernels/cuda/picture_passes.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cuda {

void resize(const Context& context, ConstPicture in, Resampling how, MutablePicture out) {
  const CurrentDevice device(context);
  const Stream stream;
  PicturePasses passes(how);
  const PictureJob job = {in, {out.width, out.height, 0, 0}, out.height, out.width};
  const uint8_t* resized = passes.run({&job, 1}, stream.get());
  const size_t bytes = size_t{3} * static_cast<size_t>(out.width) * static_cast<size_t>(out.height);
  CUDA_CHECK(cudaMemcpyAsync(out.data, resized, bytes, cudaMemcpyDeviceToHost, stream.get()));
  stream.synchronize();
}

}  // namespace consilience::kernels::cuda
