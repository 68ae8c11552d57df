#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/base/json.h"
#include "engine/store/store.h"
#include "kernels/base/error.h"
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// Commits a result; one that stands there already must come from the same inputs.
void commit_result(const Store& store, const std::string& name, const Json& record,
                   const std::vector<TensorView>& tensors);

/// The values of a tensor that must have this shape: sizes are believed only after that.
template <typename T>
[[nodiscard]] std::vector<T> tensor_values(const Safetensors& data, const std::string& name,
                                           const std::vector<int64_t>& shape) {
  const TensorView& tensor = data.at(name);
  expect(tensor.shape == shape, "{}: tensor {} is {}, its record says {}", data.path().string(),
         name, shape_text(tensor.shape), shape_text(shape));
  return copy_tensor<T>(tensor, data.path().string());
}

template <typename T>
[[nodiscard]] Matrix<T> tensor_matrix(const Safetensors& data, const std::string& name,
                                      int64_t rows, int64_t cols) {
  std::vector<T> checked = tensor_values<T>(data, name, {rows, cols});
  Matrix<T> result(rows, cols);
  result.values() = std::move(checked);
  return result;
}

}  // namespace consilience::engine
