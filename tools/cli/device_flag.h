#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "kernels/base/backend.h"
#include "tools/cli/command.h"

namespace consilience::cli {

/// `--device` of a verb.
class DeviceFlag {
 public:
  explicit DeviceFlag(CLI::App& verb);

  /// What it says, with the threads that the verb may use. Throws Error(usage) for a wrong word.
  [[nodiscard]] kernels::Context named(const Globals& globals) const;
  /// The same; also throws Error(never) where there is no such device.
  [[nodiscard]] kernels::Context usable(const Globals& globals) const;

 private:
  std::shared_ptr<std::string> words_;
};

}  // namespace consilience::cli
