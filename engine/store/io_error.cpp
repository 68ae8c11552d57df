#include "engine/store/io_error.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>

#include "kernels/base/error.h"

namespace consilience::engine {

void fail_write(int reason, const std::string& place, const std::filesystem::path& file,
                uint64_t bytes_needed) {
  if (reason == ENOSPC || reason == EDQUOT) {
    struct statvfs space {};
    const bool known = statvfs(file.parent_path().c_str(), &space) == 0;
    const uint64_t left = known ? uint64_t{space.f_bavail} * space.f_frsize : 0;
    fail(Failure::transient,
         "{}: the disk is full: {} needs {} more bytes, {} are left; finished work is kept: make "
         "room and run it again",
         place, file.string(), bytes_needed, left);
  }
  if (reason == EACCES || reason == EROFS || reason == EPERM)
    fail(Failure::never, "{} is not writable: {}: {}", place, file.string(), std::strerror(reason));
  const bool hopeless = reason == ENOENT || reason == ENOTDIR || reason == EISDIR ||
                        reason == ENAMETOOLONG || reason == ELOOP || reason == EFBIG;
  fail(hopeless ? Failure::never : Failure::transient, "{}: {} can't be written: {}", place,
       file.string(), std::strerror(reason));
}

}  // namespace consilience::engine
