#pragma once
#include <cstddef>
#include <filesystem>
#include <span>

namespace consilience::engine {

/// A file mapped for reading. Throws Error(never) naming it when it is missing, a folder or can't
/// be read. An empty file has no bytes.
class MappedFile {
 public:
  explicit MappedFile(std::filesystem::path file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
};

}  // namespace consilience::engine
