#include "engine/store/tensor.h"

#include <fmt/ranges.h>

#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

static_assert(std::endian::native == std::endian::little, "files are little-endian");

struct DtypeFacts {
  Dtype dtype;
  std::string_view name;
  size_t size;
};

constexpr std::array kDtypes{
    DtypeFacts{Dtype::boolean, "BOOL", 1}, DtypeFacts{Dtype::u8, "U8", 1},
    DtypeFacts{Dtype::i8, "I8", 1},        DtypeFacts{Dtype::u16, "U16", 2},
    DtypeFacts{Dtype::i16, "I16", 2},      DtypeFacts{Dtype::f16, "F16", 2},
    DtypeFacts{Dtype::bf16, "BF16", 2},    DtypeFacts{Dtype::u32, "U32", 4},
    DtypeFacts{Dtype::i32, "I32", 4},      DtypeFacts{Dtype::f32, "F32", 4},
    DtypeFacts{Dtype::u64, "U64", 8},      DtypeFacts{Dtype::i64, "I64", 8},
    DtypeFacts{Dtype::f64, "F64", 8},
};

const DtypeFacts& facts(Dtype dtype) {
  for (const DtypeFacts& entry : kDtypes)
    if (entry.dtype == dtype) return entry;
  fail(Failure::never, "an element type without a name");
}

template <typename T>
constexpr Dtype dtype_of() {
  if constexpr (std::is_same_v<T, float>) return Dtype::f32;
  if constexpr (std::is_same_v<T, double>) return Dtype::f64;
  if constexpr (std::is_same_v<T, int32_t>) return Dtype::i32;
  if constexpr (std::is_same_v<T, int64_t>) return Dtype::i64;
  if constexpr (std::is_same_v<T, uint8_t>) return Dtype::u8;
}

}  // namespace

std::string_view name_of(Dtype dtype) { return facts(dtype).name; }
size_t size_of(Dtype dtype) { return facts(dtype).size; }

std::optional<Dtype> dtype_named(std::string_view name) {
  for (const DtypeFacts& entry : kDtypes)
    if (entry.name == name) return entry.dtype;
  return std::nullopt;
}

bool is_floating(Dtype dtype) {
  return dtype == Dtype::f16 || dtype == Dtype::bf16 || dtype == Dtype::f32 || dtype == Dtype::f64;
}

Dtype storage_dtype(const std::string& name) {
  if (name == "f32") return Dtype::f32;
  if (name == "f16") return Dtype::f16;
  if (name == "bf16") return Dtype::bf16;
  fail(Failure::usage, "features can't be stored as '{}': it is one of f32, f16, bf16", name);
}

int64_t TensorView::count() const { return static_cast<int64_t>(bytes.size() / size_of(dtype)); }

std::string shape_text(std::span<const int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

template <typename T>
TensorView tensor(std::string name, std::vector<int64_t> shape, std::span<const T> values) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  expect(count == static_cast<int64_t>(values.size()), "tensor {}: shape {} for {} values", name,
         shape_text(shape), values.size());
  return {std::move(name), dtype_of<T>(), std::move(shape), std::as_bytes(values)};
}

template <typename T>
std::vector<T> copy_tensor(const TensorView& tensor, const std::string& where) {
  expect(tensor.dtype == dtype_of<T>(), "{}: tensor {} holds {}, expected {}", where, tensor.name,
         name_of(tensor.dtype), name_of(dtype_of<T>()));
  std::vector<T> values(static_cast<size_t>(tensor.count()));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

template TensorView tensor(std::string, std::vector<int64_t>, std::span<const float>);
template TensorView tensor(std::string, std::vector<int64_t>, std::span<const double>);
template TensorView tensor(std::string, std::vector<int64_t>, std::span<const int32_t>);
template TensorView tensor(std::string, std::vector<int64_t>, std::span<const int64_t>);
template TensorView tensor(std::string, std::vector<int64_t>, std::span<const uint8_t>);
template std::vector<float> copy_tensor(const TensorView&, const std::string&);
template std::vector<double> copy_tensor(const TensorView&, const std::string&);
template std::vector<int32_t> copy_tensor(const TensorView&, const std::string&);
template std::vector<int64_t> copy_tensor(const TensorView&, const std::string&);
template std::vector<uint8_t> copy_tensor(const TensorView&, const std::string&);

}  // namespace consilience::engine
