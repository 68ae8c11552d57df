#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace consilience::engine {

struct ProcessResult {
  int exit_code = 0;       // 128 + signal when a signal ended it
  std::string output;      // stdout
  std::string error_tail;  // the last 4 KiB of stderr
};

/// Runs a program (argv[0] looked up on PATH) and waits; the child dies with its parent. Throws
/// Error(transient) when it can't be started.
ProcessResult run_process(const std::vector<std::string>& argv,
                          const std::vector<std::string>& extra_environment = {});

/// The Python that has consilience_export: $CONSILIENCE_PYTHON, else the virtual environment that
/// this program was configured with.
std::filesystem::path python();

}  // namespace consilience::engine
