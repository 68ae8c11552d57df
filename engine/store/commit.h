#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace consilience::engine {

/// A file that holds a lock until it is published or removed: nobody ever sees it half written.
/// I/O errors: full disk Error(transient) with what was needed, unwritable Error(never).
class TempFile {
 public:
  /// Under <root>/tmp, where clean_tmp finds it once its process is dead.
  [[nodiscard]] static TempFile in_store(const std::filesystem::path& root);
  /// In the folder of a file that is no store's.
  [[nodiscard]] static TempFile beside(const std::filesystem::path& file);
  ~TempFile();
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// fsync, rename over `target`, fsync its folder.
  void publish_by_rename(const std::filesystem::path& target);
  /// fsync, link() to `target`, fsync its folder. False when `target` was there already.
  [[nodiscard]] bool publish_by_link(const std::filesystem::path& target);

 private:
  TempFile(const std::filesystem::path& folder, const std::string& place);
  void sync();
  std::string place_;  // "store <root>" or the folder, for errors
  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t written_ = 0;
};

/// Creates <root>/<relative> and syncs the parent of every folder that is new.
void make_folders(const std::filesystem::path& root, const std::filesystem::path& relative);

struct DataFile {
  std::string sha256;
  uint64_t bytes = 0;
};

using Writer = std::function<void(const std::function<void(std::span<const std::byte>)>& sink)>;

/// Makes what `write` gives to its sink the file `folder`/<sha256>.safetensors, durable on return.
/// `folder` is relative to the root.
DataFile commit_data(const std::filesystem::path& root, const std::filesystem::path& folder,
                     const Writer& write);

/// Makes `text` the content of the file, durable on return; the only commit there is. False when
/// the file was there already: then nothing changed.
[[nodiscard]] bool commit_text(const std::filesystem::path& root,
                               const std::filesystem::path& relative, std::string_view text);

/// Removes what processes that no longer live have left in tmp/.
void clean_tmp(const std::filesystem::path& root);

/// Error(never) unless the file system under `root` has rename and link.
void check_file_system(const std::filesystem::path& root);

}  // namespace consilience::engine
