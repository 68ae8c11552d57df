#pragma once
#include <memory>
#include <optional>
#include <string>

#include "engine/types/conditioning.h"
#include "tools/cli/command.h"

namespace consilience::cli {

/// The keys of a study's [conditioning] as flags.
class ConditioningFlags {
 public:
  explicit ConditioningFlags(CLI::App& verb);
  /// The preset, overridden by what was given.
  [[nodiscard]] engine::Conditioning value() const;

 private:
  struct Given {
    std::string preset = "default";
    std::optional<double> clamp;
    std::string clamp_scope, center, scale, zero_rows, similarity;
  };
  std::shared_ptr<Given> given_ = std::make_shared<Given>();
};

}  // namespace consilience::cli
