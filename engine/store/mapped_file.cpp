#include "engine/store/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kernels/base/error.h"

namespace consilience::engine {

MappedFile::MappedFile(std::filesystem::path file) : path_(std::move(file)) {
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  expect(fd >= 0, "{}: can't be read: {}", path_.string(), std::strerror(errno));
  struct stat facts {};
  const bool regular = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
  const auto size = static_cast<size_t>(facts.st_size);
  void* memory = nullptr;
  if (regular && size > 0) memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  const int reason = errno;
  close(fd);
  expect(regular, "{}: can't be read: not a regular file", path_.string());
  if (memory == MAP_FAILED)
    fail(Failure::transient, "{}: can't be mapped: {}", path_.string(), std::strerror(reason));
  if (memory != nullptr) bytes_ = {static_cast<const std::byte*>(memory), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

}  // namespace consilience::engine
