#include "models/torchscript/module.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>

#include <array>
#include <cstring>

#include "models/torchscript/archive.h"
#include "models/torchscript/output.h"
#include "models/torchscript/translated.h"

namespace consilience::models::torchscript {
namespace {

/// Copied: LibTorch's own memory is aligned, and alignment may decide a bit.
template <typename T>
at::Tensor tensor_of(std::span<const T> values, at::IntArrayRef shape, at::ScalarType type) {
  at::Tensor tensor = at::empty(shape, type);
  std::memcpy(tensor.mutable_data_ptr(), values.data(), values.size_bytes());
  return tensor;
}

}  // namespace

struct Module::Impl {
  Archive archive;

  [[nodiscard]] BatchFeatures call(const std::vector<c10::IValue>& inputs, int64_t batch) {
    return translated("model " + archive.card().key(), [&] {
      const c10::InferenceMode inference;
      return unpack(archive.call(inputs), archive.card(), batch);
    });
  }
};

Module::Module(const std::filesystem::path& package, const ModelCard& card,
               const RunnerOptions& options)
    : impl_(new Impl{Archive(package, card, options)}) {}

Module::~Module() = default;

BatchFeatures Module::run(const TokenBatch& batch) {
  const c10::InferenceMode inference;
  const std::array<int64_t, 2> shape{batch.batch, batch.length};
  return impl_->call(
      {tensor_of(batch.ids, shape, at::kLong), tensor_of(batch.mask, shape, at::kLong)},
      batch.batch);
}

BatchFeatures Module::run(const PixelBatch& batch) {
  const c10::InferenceMode inference;
  at::Tensor pixels =
      tensor_of(batch.values, {batch.batch, 3, batch.height, batch.width}, at::kFloat);
  if (impl_->archive.card().channels_last)
    pixels = pixels.contiguous(at::MemoryFormat::ChannelsLast);
  return impl_->call({pixels}, batch.batch);
}

BatchFeatures Module::run(const AudioBatch& batch) {
  const c10::InferenceMode inference;
  return impl_->call({tensor_of(batch.values, {batch.batch, batch.samples}, at::kFloat)},
                     batch.batch);
}

}  // namespace consilience::models::torchscript
