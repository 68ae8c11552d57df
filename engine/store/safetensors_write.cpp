#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "engine/base/json.h"
#include "engine/store/safetensors.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

void order(std::vector<TensorView>& tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const TensorView& a, const TensorView& b) {
    const size_t size_a = size_of(a.dtype), size_b = size_of(b.dtype);
    return size_a != size_b ? size_a > size_b : a.name < b.name;
  });
  std::set<std::string> names{"__metadata__"};
  for (const TensorView& tensor : tensors)
    expect(names.insert(tensor.name).second, "tensor {}: its name stands twice, or is reserved",
           tensor.name);
}

/// The length and the JSON, padded with spaces so that the data begins at a multiple of 8.
std::string header_of(const std::vector<TensorView>& tensors) {
  Json header = Json::object();
  uint64_t offset = 0;
  for (const TensorView& tensor : tensors) {
    const uint64_t end = offset + tensor.bytes.size();
    header[tensor.name] = {
        {"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = canonical_json(header);
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string prefix(sizeof length, '\0');
  std::memcpy(prefix.data(), &length, sizeof length);
  return prefix + text;
}

}  // namespace

void write_safetensors(std::vector<TensorView> tensors, const ByteSink& sink) {
  order(tensors);
  const std::string header = header_of(tensors);
  sink(std::as_bytes(std::span(header)));
  for (const TensorView& tensor : tensors) sink(tensor.bytes);
}

}  // namespace consilience::engine
