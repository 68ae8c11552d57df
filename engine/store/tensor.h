#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace consilience::engine {

/// Element types at rest, little-endian.
enum class Dtype { boolean, u8, i8, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };

/// "F32", as safetensors writes it.
[[nodiscard]] std::string_view name_of(Dtype dtype);
[[nodiscard]] std::optional<Dtype> dtype_named(std::string_view name);
[[nodiscard]] size_t size_of(Dtype dtype);  // bytes an element
[[nodiscard]] bool is_floating(Dtype dtype);
/// "f32", "f16", "bf16": what a study may ask for. Throws Error(usage) listing them.
[[nodiscard]] Dtype storage_dtype(const std::string& name);

/// Row-major bytes of someone else. The bytes of a mapped file need not be aligned: read them by
/// copy_tensor.
struct TensorView {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;

  [[nodiscard]] int64_t count() const;  // elements
};

/// "[800, 384]".
[[nodiscard]] std::string shape_text(std::span<const int64_t> shape);

/// A view of values in memory; they must outlive it. T: float, double, int32_t, int64_t, uint8_t.
template <typename T>
[[nodiscard]] TensorView tensor(std::string name, std::vector<int64_t> shape,
                                std::span<const T> values);
template <typename T>
[[nodiscard]] TensorView tensor(std::string name, std::vector<int64_t> shape,
                                const std::vector<T>& values) {
  return tensor(std::move(name), std::move(shape), std::span<const T>(values));
}

/// All values, when the tensor holds exactly this type; Error(never) naming `where` otherwise.
template <typename T>
[[nodiscard]] std::vector<T> copy_tensor(const TensorView& tensor, const std::string& where);

}  // namespace consilience::engine
