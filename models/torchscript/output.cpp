#include "models/torchscript/output.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/base/error.h"
#include "models/packed_features.h"

namespace consilience::models::torchscript {
namespace {

at::Tensor on_host(const at::Tensor& tensor) {
  return tensor.to(at::kCPU).to(at::kFloat).contiguous();
}

void check_shape(const at::Tensor& tensor, const std::vector<int64_t>& expected,
                 const std::string& model, const std::string& element) {
  const std::vector<int64_t> found = tensor.sizes().vec();
  expect(found == expected, "model {}, {}: expected shape [{}] as its card says, found [{}]", model,
         element, fmt::join(expected, ", "), fmt::join(found, ", "));
}

}  // namespace

void check_shapes(const std::vector<at::Tensor>& outputs, const ModelCard& card, int64_t batch) {
  const std::string model = card.key();
  for (size_t l = 0; l < card.layers.size(); ++l)
    check_shape(outputs[l], {batch, std::ssize(card.poolings), card.layers[l].width}, model,
                "layer " + card.layers[l].name);
  if (!card.scalars.empty())
    check_shape(outputs.back(), {batch, std::ssize(card.scalars)}, model, "the scalars");
}

BatchFeatures unpack(const std::vector<at::Tensor>& outputs, const ModelCard& card, int64_t batch) {
  check_shapes(outputs, card, batch);
  BatchFeatures features;
  for (size_t l = 0; l < card.layers.size(); ++l) {
    const at::Tensor layer = on_host(outputs[l]);
    split_poolings({layer.const_data_ptr<float>(), static_cast<size_t>(layer.numel())}, batch,
                   std::ssize(card.poolings), card.layers[l].width, features.layers);
  }
  if (!card.scalars.empty()) {
    const at::Tensor scalars = on_host(outputs.back());
    features.scalars = Matrix<float>(batch, std::ssize(card.scalars));
    std::copy_n(scalars.const_data_ptr<float>(), scalars.numel(), features.scalars.values().data());
  }
  return features;
}

}  // namespace consilience::models::torchscript
