#include <fmt/format.h>

#include "kernels/base/philox.h"
#include "kernels/cuda/devices.h"
#include "kernels/cuda/owned.h"
#include "kernels/ops/prepare_pictures.h"
#include "tools/bench/cuda/checked.h"

namespace consilience::bench {
namespace {

using kernels::ConstPicture;

/// `count` pictures of noise.
class Noise {
 public:
  Noise(size_t count, int width, int height) {
    const size_t bytes = static_cast<size_t>(width) * static_cast<size_t>(height) * 3;
    for (size_t p = 0; p < count; ++p) {
      auto& values = bytes_.emplace_back(bytes);
      for (size_t at = 0; at < bytes; ++at) {
        const auto words = kernels::philox4x32(
            {static_cast<uint32_t>(at / 4), static_cast<uint32_t>(p), 106, 0}, /*key=*/1);
        values[at] = static_cast<uint8_t>(words[at % 4]);
      }
      pictures_.push_back({values.data(), width, height});
    }
  }
  [[nodiscard]] std::span<const ConstPicture> pictures() const { return pictures_; }

 private:
  std::vector<std::vector<uint8_t>> bytes_;
  std::vector<ConstPicture> pictures_;
};

struct Shape {
  size_t count;
  int width, height, crop;

  [[nodiscard]] size_t values() const {
    return count * 3 * static_cast<size_t>(crop) * static_cast<size_t>(crop);
  }
  [[nodiscard]] kernels::PictureRecipe recipe() const {
    return {.side = crop * 8 / 7,
            .crop = crop,
            .resampling = {},
            .mean = {0.485F, 0.456F, 0.406F},
            .std = {0.229F, 0.224F, 0.225F}};
  }
};

void count(benchmark::State& state, const Shape& shape) {
  const auto pictures = static_cast<double>(shape.count);
  state.counters["pictures/s"] = a_second(pictures);
  state.counters["GB/s_in"] = a_second(3e-9 * pictures * shape.width * shape.height);
}

void resize(benchmark::State& state, const Shape& shape) {
  const Noise noise(1, shape.width, shape.height);
  time_checked(state, [&](const kernels::Context& context) {
    std::vector<uint8_t> out(static_cast<size_t>(shape.crop) * static_cast<size_t>(shape.crop) * 3);
    kernels::resize(context, noise.pictures()[0], {kernels::Filter::bicubic},
                    {out.data(), shape.crop, shape.crop});
    return out;
  });
  count(state, {1, shape.width, shape.height, shape.crop});
}

std::vector<float> prepared(const kernels::Context& context, const Noise& noise,
                            const Shape& shape) {
  std::vector<float> out(shape.values());
  kernels::prepare_pictures(context, noise.pictures(), shape.recipe(), out);
  return out;
}

void prepare(benchmark::State& state, const Shape& shape) {
  const Noise noise(shape.count, shape.width, shape.height);
  time_checked(state,
               [&](const kernels::Context& context) { return prepared(context, noise, shape); });
  count(state, shape);
}

/// The values stay on the device, as for a network that runs there.
void prepare_there(benchmark::State& state, const Shape& shape) {
  const Noise noise(shape.count, shape.width, shape.height);
  const kernels::cuda::CurrentDevice device(kCuda);
  const kernels::cuda::Stream stream;
  const auto values = static_cast<int64_t>(shape.values());
  kernels::cuda::DeviceBuffer<float> out(values);
  kernels::DevicePictures pictures(kCuda.first_device, shape.recipe());
  const auto run = [&] {
    pictures.prepare(noise.pictures(), out.data(), stream.get());
    stream.synchronize();
  };
  run();
  if (!same_bits(out.download(values, stream), prepared(kCpu, noise, shape))) {
    return refuse(state, "the values are not the cpu backend's");
  }
  for ([[maybe_unused]] const auto step : state) run();
  count(state, shape);
}

}  // namespace

void add_pictures(Scale scale) {
  const Shape shape = scale == Scale::full ? Shape{64, 500, 375, 224} : Shape{3, 40, 30, 14};
  const std::string size = fmt::format("{}x{}to{}", shape.width, shape.height, shape.crop);
  add("resize/" + size, [=](benchmark::State& state) { resize(state, shape); });
  add(fmt::format("prepare_pictures/batch:{}/{}", shape.count, size),
      [=](benchmark::State& state) { prepare(state, shape); });
  add(fmt::format("device_pictures/batch:{}/{}", shape.count, size),
      [=](benchmark::State& state) { prepare_there(state, shape); });
}

}  // namespace consilience::bench
