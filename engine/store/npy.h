#pragma once
#include <filesystem>

#include "engine/store/mapped_file.h"
#include "engine/store/tensor.h"

namespace consilience::engine {

/// A mapped .npy file, versions 1 to 3: little-endian f2, f4, f8, i4, i8 in C order. Anything else
/// is an Error(never) that names the file and says what to do.
class Npy {
 public:
  explicit Npy(const std::filesystem::path& file);
  [[nodiscard]] const TensorView& array() const { return array_; }

 private:
  MappedFile file_;
  TensorView array_;
};

/// Writes through a file beside it and a rename: never a half file. Throws Error(transient) when
/// the disk is full, Error(never) when the folder can't be written.
void write_npy(const std::filesystem::path& file, const TensorView& array);

}  // namespace consilience::engine
