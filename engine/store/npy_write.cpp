#include <fmt/ranges.h>

#include <string>

#include "engine/store/commit.h"
#include "engine/store/npy.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::string descr_of(const TensorView& array) {
  switch (array.dtype) {
    case Dtype::f16:
      return "<f2";
    case Dtype::f32:
      return "<f4";
    case Dtype::f64:
      return "<f8";
    case Dtype::i32:
      return "<i4";
    case Dtype::i64:
      return "<i8";
    default:
      fail(Failure::never, "{} is not written as .npy: only f2, f4, f8, i4 and i8 are",
           name_of(array.dtype));
  }
}

/// Version 1.0, the data at a multiple of 64, as numpy writes it.
std::string header_of(const TensorView& array) {
  constexpr size_t kPrefix = 10, kAlign = 64;
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", descr_of(array),
                  fmt::join(array.shape, ", "), array.shape.size() == 1 ? "," : "");
  text.append((kAlign - (kPrefix + text.size() + 1) % kAlign) % kAlign, ' ');
  text += '\n';
  const auto length = static_cast<unsigned>(text.size());
  std::string prefix("\x93NUMPY\x01\x00", 8);
  prefix += static_cast<char>(length & 255);
  prefix += static_cast<char>(length >> 8);
  return prefix + text;
}

}  // namespace

void write_npy(const std::filesystem::path& file, const TensorView& array) {
  const std::string header = header_of(array);
  TempFile out = TempFile::beside(file);
  out.write(header);
  out.write(array.bytes);
  out.publish_by_rename(file);
}

}  // namespace consilience::engine
