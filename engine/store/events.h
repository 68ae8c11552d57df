#pragma once
#include <filesystem>

#include "engine/base/json.h"
#include "engine/store/store.h"

namespace consilience::engine {

/// events/<host>-<pid>.jsonl: what happened when, outside everything that is compared or hashed. A
/// line that can't be written is dropped: events never stop the work.
class EventLog {
 public:
  explicit EventLog(const Store& store);
  /// Adds "time" (UTC, ISO 8601) and appends one line.
  void write(Json event) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace consilience::engine
