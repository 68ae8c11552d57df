#include "engine/store/commit.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/hash.h"
#include "engine/store/folders.h"
#include "engine/store/io_error.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::string place_of(const std::filesystem::path& root) {
  return fmt::format("store {}", root.string());
}

}  // namespace

void sync_folder(const std::string& place, const std::filesystem::path& folder) {
  const std::filesystem::path target = folder.empty() ? "." : folder;
  const int fd = open(target.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail_write(errno, place, target, 0);
  const int result = fsync(fd);
  const int reason = errno;
  close(fd);
  // Some network file systems can't sync a folder, and keep names durable without it.
  if (result != 0 && reason != EINVAL) fail_write(reason, place, target, 0);
}

void make_folders(const std::filesystem::path& root, const std::filesystem::path& relative) {
  std::filesystem::path folder = root;
  for (const std::filesystem::path& part : relative) {
    const std::filesystem::path parent = folder;
    folder /= part;
    if (mkdir(folder.c_str(), 0777) == 0) {
      sync_folder(place_of(root), parent);
    } else if (errno != EEXIST) {
      fail_write(errno, place_of(root), folder, 0);
    }
  }
}

DataFile commit_data(const std::filesystem::path& root, const std::filesystem::path& folder,
                     const Writer& write) {
  make_folders(root, folder);
  TempFile file = TempFile::in_store(root);
  Sha256 hash;
  DataFile result;
  write([&](std::span<const std::byte> bytes) {
    hash.update(bytes);
    file.write(bytes);
    result.bytes += bytes.size();
  });
  result.sha256 = hash.hex();
  file.publish_by_rename(root / folder / (result.sha256 + ".safetensors"));
  return result;
}

bool commit_text(const std::filesystem::path& root, const std::filesystem::path& relative,
                 std::string_view text) {
  make_folders(root, relative.parent_path());
  TempFile file = TempFile::in_store(root);
  file.write(text);
  return file.publish_by_link(root / relative);
}

void clean_tmp(const std::filesystem::path& root) {
  for (const auto& entry : std::filesystem::directory_iterator(root / "tmp")) {
    const int fd = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) continue;  // just removed by its owner
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) unlink(entry.path().c_str());
    close(fd);
  }
}

void check_file_system(const std::filesystem::path& root) {
  TempFile file = TempFile::in_store(root);
  const std::filesystem::path name = root / "tmp" / fmt::format(".probe-{}", getpid());
  unlink(name.c_str());
  const bool linked = link(file.path().c_str(), name.c_str()) == 0;
  const bool renamed = linked && rename(name.c_str(), (name.string() + "-2").c_str()) == 0;
  const int reason = errno;
  unlink(name.c_str());
  unlink((name.string() + "-2").c_str());
  expect(renamed,
         "store {}: its file system refuses {}: {}; choose a folder on a POSIX file system",
         root.string(), linked ? "rename()" : "link()", std::strerror(reason));
}

}  // namespace consilience::engine
