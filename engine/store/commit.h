#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace consilience::engine {

/// A file under <root>/tmp that holds a lock for as long as it lives there; removed unless it was
/// published. I/O errors: full disk Error(transient) with what was needed, unwritable Error(never).
class TempFile {
 public:
  explicit TempFile(const std::filesystem::path& root);
  ~TempFile();
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// fsync, rename over `target`, fsync its folder.
  void publish_by_rename(const std::filesystem::path& target);
  /// fsync, link() to `target`, fsync its folder. False when `target` was there already.
  [[nodiscard]] bool publish_by_link(const std::filesystem::path& target);

 private:
  void sync();
  std::filesystem::path root_, path_;
  int fd_ = -1;
  uint64_t written_ = 0;
};

/// Creates <root>/<relative> and syncs the parent of every folder that is new.
void make_folders(const std::filesystem::path& root, const std::filesystem::path& relative);

struct DataFile {
  std::string sha256;
  uint64_t bytes = 0;
};

/// Writes `folder`/<sha256>.safetensors (any content that `write` gives to its sink), durable on
/// return. `folder` is relative to the root.
DataFile commit_data(
    const std::filesystem::path& root, const std::filesystem::path& folder,
    const std::function<void(const std::function<void(std::span<const std::byte>)>&)>& write);

/// Makes `text` the content of the file, durable on return; the only commit there is. False when
/// the file was there already: then nothing changed.
[[nodiscard]] bool commit_text(const std::filesystem::path& root,
                               const std::filesystem::path& relative, std::string_view text);

/// Removes what processes that no longer live have left in tmp/.
void clean_tmp(const std::filesystem::path& root);

/// Error(never) unless the file system under `root` has rename and link.
void check_file_system(const std::filesystem::path& root);

}  // namespace consilience::engine
