#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/subprocess.h"

namespace consilience::engine {

/// `python -m consilience_export ARGUMENTS`, its talk passed on to stderr while it runs.
/// Error(never) with what to install when there is no such Python or package.
[[nodiscard]] ProcessResult call_exporter(const std::vector<std::string>& arguments);

/// The same, of which nothing but success is wanted: throws with the kind of its exit code and the
/// last line that it said, behind `what` was tried.
void run_exporter(const std::vector<std::string>& arguments, const std::string& what);

/// A JSON list of strings, for run_exporter() to read. Error(transient) when it can't be written.
void write_captions(const std::vector<std::string>& captions, const std::filesystem::path& file);

/// Removes files when it goes out of scope, absent ones too.
class RemovedAtEnd {
 public:
  explicit RemovedAtEnd(std::vector<std::filesystem::path> files) : files_(std::move(files)) {}
  ~RemovedAtEnd();
  RemovedAtEnd(const RemovedAtEnd&) = delete;
  RemovedAtEnd& operator=(const RemovedAtEnd&) = delete;

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace consilience::engine
