#include "engine/store/widen.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

template <typename T>
T load(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

float from_bf16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

float from_f16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 31;
  const uint32_t fraction = bits & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;  // subnormal: exact
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
}

uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

uint16_t to_f16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = bits >> 16 & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)  // NaN: keep the top of its payload, and quiet
    return static_cast<uint16_t>(sign | 0x7e00 | (magnitude >> 13 & 0x3ff));
  if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // >= 65520
  if (magnitude < 0x38800000) {  // below 2^-14: a multiple of 2^-24; nearbyint ties to even
    const float units = std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24F);
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(units));
  }
  const uint32_t rebased = magnitude - (112U << 23);
  return static_cast<uint16_t>(sign | (rebased + 0xfff + (rebased >> 13 & 1)) >> 13);
}

bool is_float(double value) {
  return std::isnan(value) || std::isinf(value) ||
         (std::abs(value) <= std::numeric_limits<float>::max() &&
          static_cast<double>(static_cast<float>(value)) == value);
}

}  // namespace

int64_t widen(const TensorView& tensor, int64_t first, std::span<float> out, bool round) {
  const size_t size = size_of(tensor.dtype);
  const std::byte* from = tensor.bytes.data() + static_cast<size_t>(first) * size;
  switch (tensor.dtype) {
    case Dtype::f32:
      if (!out.empty()) std::memcpy(out.data(), from, out.size_bytes());
      return -1;
    case Dtype::f16:
      for (size_t i = 0; i < out.size(); ++i) out[i] = from_f16(load<uint16_t>(from + i * size));
      return -1;
    case Dtype::bf16:
      for (size_t i = 0; i < out.size(); ++i) out[i] = from_bf16(load<uint16_t>(from + i * size));
      return -1;
    case Dtype::f64:
      for (size_t i = 0; i < out.size(); ++i) {
        const auto value = load<double>(from + i * size);
        if (!round && !is_float(value)) return static_cast<int64_t>(i);
        out[i] = static_cast<float>(value);
      }
      return -1;
    default:
      fail(Failure::never, "tensor {} holds {}: not floating-point numbers", tensor.name,
           name_of(tensor.dtype));
  }
}

std::vector<uint16_t> narrow(std::span<const float> values, Dtype dtype) {
  std::vector<uint16_t> result(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    result[i] = dtype == Dtype::f16 ? to_f16(values[i]) : to_bf16(values[i]);
  return result;
}

}  // namespace consilience::engine
