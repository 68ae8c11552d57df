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

std::vector<at::Tensor> checked_output(const c10::IValue& output, const ModelCard& card,
                                       int64_t batch) {
  const std::string model = card.key();
  expect(output.isTensorList(), "model {}: expected a list of tensors as output, found {}", model,
         output.tagKind());
  std::vector<at::Tensor> elements = output.toTensorVector();
  const size_t expected = card.layers.size() + (card.scalars.empty() ? 0 : 1);
  expect(elements.size() == expected,
         "model {}: expected {} output tensors ({} layers{}), found {}", model, expected,
         card.layers.size(), card.scalars.empty() ? "" : " and the scalars", elements.size());
  for (size_t l = 0; l < card.layers.size(); ++l)
    check_shape(elements[l], {batch, std::ssize(card.poolings), card.layers[l].width}, model,
                "layer " + card.layers[l].name);
  if (!card.scalars.empty())
    check_shape(elements.back(), {batch, std::ssize(card.scalars)}, model, "the scalars");
  return elements;
}

BatchFeatures unpack(const c10::IValue& output, const ModelCard& card, int64_t batch) {
  const std::vector<at::Tensor> elements = checked_output(output, card, batch);
  BatchFeatures features;
  for (size_t l = 0; l < card.layers.size(); ++l) {
    const at::Tensor layer = on_host(elements[l]);
    split_poolings({layer.const_data_ptr<float>(), static_cast<size_t>(layer.numel())}, batch,
                   std::ssize(card.poolings), card.layers[l].width, features.layers);
  }
  if (!card.scalars.empty()) {
    const at::Tensor scalars = on_host(elements.back());
    features.scalars = Matrix<float>(batch, std::ssize(card.scalars));
    std::copy_n(scalars.const_data_ptr<float>(), scalars.numel(), features.scalars.values().data());
  }
  return features;
}

}  // namespace consilience::models::torchscript
