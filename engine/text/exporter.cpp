#include "engine/text/exporter.h"

#include <algorithm>
#include <fstream>

#include "engine/base/json.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInstall =
    "tools/setup makes one; or `pip install models/export` into another and name that in "
    "CONSILIENCE_PYTHON";

/// The last line that Python said, without the name of the program in front.
std::string last_line(std::string text) {
  text.erase(text.find_last_not_of(" \n\r\t") + 1);
  text = text.substr(text.rfind('\n') + 1);
  constexpr std::string_view kProgram = "consilience_export: ";
  return text.starts_with(kProgram) ? text.substr(kProgram.size()) : text;
}

Failure kind_of(int exit_code) {
  for (const Failure kind : {Failure::transient, Failure::out_of_memory})
    if (exit_code == static_cast<int>(kind)) return kind;
  return Failure::never;
}

}  // namespace

ProcessResult call_exporter(const std::vector<std::string>& arguments) {
  const fs::path interpreter = python();
  if (interpreter.has_parent_path() && !fs::exists(interpreter))
    fail(Failure::never, "{}: no such Python: {}", interpreter.string(), kInstall);
  std::vector<std::string> command = {interpreter.string(), "-m", "consilience_export"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  ProcessResult result = run_process(command);
  if (result.exit_code == 1 && result.error_tail.find("No module named") != std::string::npos)
    fail(Failure::never, "{}: {}: {}", interpreter.string(), last_line(result.error_tail),
         kInstall);
  return result;
}

void run_exporter(const std::vector<std::string>& arguments, const std::string& what) {
  const ProcessResult result = call_exporter(arguments);
  if (result.exit_code == 0) return;
  fail(kind_of(result.exit_code), "{}: {} (exit {})", what, last_line(result.error_tail),
       result.exit_code);
}

void write_captions(const std::vector<std::string>& captions, const fs::path& file) {
  std::ofstream out(file, std::ios::binary);
  out << Json(captions).dump();
  out.close();
  if (!out.good())
    fail(Failure::transient, "{}: cannot be written: is the disk full?", file.string());
}

RemovedAtEnd::~RemovedAtEnd() {
  std::error_code ignored;
  for (const auto& file : files_) fs::remove(file, ignored);
}

}  // namespace consilience::engine
