#pragma once
#include <cstdint>
#include <string>

namespace consilience::engine {

/// What a line of progress says.
struct ProgressState {
  std::string label;
  std::string unit;
  std::string note;
  int64_t done = 0;
  int64_t total = 0;  // 0: unknown
  double seconds = 0;
};

/// "minilm-l6: 120/800 captions, 60.0/s, 11 s left (tokens wait)".
[[nodiscard]] std::string progress_line(const ProgressState& state);
/// "minilm-l6: 800 captions in 13.2 s, 60.6/s".
[[nodiscard]] std::string finish_line(const ProgressState& state);

}  // namespace consilience::engine
