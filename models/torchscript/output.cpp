#include "models/torchscript/output.h"

#include <ATen/core/Tensor.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "kernels/base/error.h"

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

/// [B, P, D] to one [B, D] a pooling.
void split_poolings(const at::Tensor& layer, int64_t poolings, std::vector<Matrix<float>>& out) {
  const int64_t batch = layer.size(0);
  const int64_t width = layer.size(2);
  const float* values = layer.const_data_ptr<float>();
  for (int64_t p = 0; p < poolings; ++p) {
    Matrix<float>& matrix = out.emplace_back(batch, width);
    for (int64_t b = 0; b < batch; ++b)
      std::copy_n(values + (b * poolings + p) * width, width, matrix.row(b).data());
  }
}

}  // namespace

BatchFeatures unpack(const c10::IValue& output, const ModelCard& card, int64_t batch) {
  const std::string model = card.key();
  expect(output.isTensorList(), "model {}: expected a list of tensors as output, found {}", model,
         output.tagKind());
  const std::vector<at::Tensor> elements = output.toTensorVector();
  const size_t expected = card.layers.size() + (card.scalars.empty() ? 0 : 1);
  expect(elements.size() == expected,
         "model {}: expected {} output tensors ({} layers{}), found {}", model, expected,
         card.layers.size(), card.scalars.empty() ? "" : " and the scalars", elements.size());
  const auto poolings = static_cast<int64_t>(card.poolings.size());
  BatchFeatures features;
  for (size_t l = 0; l < card.layers.size(); ++l) {
    const Layer& layer = card.layers[l];
    check_shape(elements[l], {batch, poolings, layer.width}, model, "layer " + layer.name);
    split_poolings(on_host(elements[l]), poolings, features.layers);
  }
  if (!card.scalars.empty()) {
    const auto count = static_cast<int64_t>(card.scalars.size());
    check_shape(elements.back(), {batch, count}, model, "the scalars");
    const at::Tensor scalars = on_host(elements.back());
    features.scalars = Matrix<float>(batch, count);
    std::copy_n(scalars.const_data_ptr<float>(), batch * count, features.scalars.values().data());
  }
  return features;
}

}  // namespace consilience::models::torchscript
