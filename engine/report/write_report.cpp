#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "engine/report/report.h"
#include "engine/report/tables.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot(const char* what, const fs::path& file, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  fail(full ? Failure::transient : Failure::never, "report: can't {} {}: {}; {}", what,
       file.string(), std::strerror(error),
       full ? "free some space and run again" : "choose a folder that can be written");
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) cannot("create", folder, error.value());
}

/// Whole or absent: written beside its place, synced, renamed.
void write_whole(const fs::path& file, const std::string& text) {
  fs::path draft = file;
  draft += ".partial";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) cannot("write", draft, errno);
  const auto give_up = [&](int error) {
    ::close(fd);
    ::unlink(draft.c_str());
    cannot("write", file, error);
  };
  for (size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) give_up(errno);
    done += static_cast<size_t>(wrote);
  }
  if (::fsync(fd) != 0) give_up(errno);
  ::close(fd);
  if (::rename(draft.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(draft.c_str());
    cannot("write", file, error);
  }
}

}  // namespace

void write_report(const fs::path& folder, const StudyResult& study) {
  const auto rows = tidy_rows(study);
  make_folder(folder / "tables");
  write_whole(folder / "tables" / "scores.csv", scores_csv(rows));
  write_whole(folder / "tables" / "scores.json", scores_json(rows));
  write_whole(folder / "tables" / "pairs.csv", pairs_csv(study));
  write_whole(folder / "index.html", render_html(study));
}

}  // namespace consilience::engine
