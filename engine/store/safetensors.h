#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/store/mapped_file.h"
#include "engine/store/tensor.h"

namespace consilience::engine {

/// A mapped safetensors file, wholly checked when it is opened: Error(never) names the file, the
/// tensor and the reason. Views live as long as the object.
class Safetensors {
 public:
  explicit Safetensors(const std::filesystem::path& file);

  [[nodiscard]] const std::vector<TensorView>& tensors() const { return tensors_; }  // by name
  [[nodiscard]] bool has(const std::string& name) const;
  /// Throws Error(never) naming file and tensor when there is none.
  [[nodiscard]] const TensorView& at(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }
  [[nodiscard]] const std::filesystem::path& path() const { return file_.path(); }

 private:
  MappedFile file_;
  std::vector<TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

using ByteSink = std::function<void(std::span<const std::byte>)>;

/// Writes a file's bytes in order. Tensors by falling element size, then name, as the format's own
/// writer lays them out: equal tensors give equal bytes. Names are distinct and not "__metadata__".
void write_safetensors(std::vector<TensorView> tensors, const ByteSink& sink);

}  // namespace consilience::engine
