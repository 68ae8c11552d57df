#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "engine/store/commit.h"
#include "engine/store/folders.h"
#include "engine/store/io_error.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::string random_name() {
  uint64_t word = 0;
  if (getrandom(&word, sizeof word, 0) != sizeof word)
    fail(Failure::transient, "no random bytes for the name of a file");
  return fmt::format(".{:016x}.tmp", word);
}

/// A starter that cleans up may have removed the file before it was locked.
bool is_still_there(int fd) {
  struct stat facts {};
  return fstat(fd, &facts) == 0 && facts.st_nlink > 0;
}

}  // namespace

TempFile TempFile::in_store(const std::filesystem::path& root) {
  return {root / "tmp", fmt::format("store {}", root.string())};
}

TempFile TempFile::beside(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  return {folder, folder.string()};
}

TempFile::TempFile(const std::filesystem::path& folder, const std::string& place) : place_(place) {
  for (;;) {
    path_ = folder / random_name();
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ < 0 && (errno == EEXIST || errno == EINTR)) continue;
    if (fd_ < 0) fail_write(errno, place_, path_, 0);
    if (flock(fd_, LOCK_EX | LOCK_NB) == 0 && is_still_there(fd_)) return;
    close(fd_);
    unlink(path_.c_str());
  }
}

TempFile::~TempFile() {
  if (!path_.empty()) unlink(path_.c_str());
  close(fd_);
}

void TempFile::write(std::span<const std::byte> bytes) {
  constexpr size_t kPiece = size_t{1} << 30;  // below what one write() may take
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), std::min(bytes.size(), kPiece));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail_write(errno, place_, path_, bytes.size());
    bytes = bytes.subspan(static_cast<size_t>(put));
    written_ += static_cast<uint64_t>(put);
  }
}

void TempFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void TempFile::sync() {
  if (fsync(fd_) != 0) fail_write(errno, place_, path_, written_);
}

void TempFile::publish_by_rename(const std::filesystem::path& target) {
  sync();
  if (rename(path_.c_str(), target.c_str()) != 0) fail_write(errno, place_, target, written_);
  path_.clear();
  sync_folder(place_, target.parent_path());
}

bool TempFile::publish_by_link(const std::filesystem::path& target) {
  sync();
  const bool made = link(path_.c_str(), target.c_str()) == 0;
  if (!made && errno != EEXIST) fail_write(errno, place_, target, written_);
  sync_folder(place_, target.parent_path());
  return made;
}

}  // namespace consilience::engine
