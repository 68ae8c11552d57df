#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace consilience::engine {

/// One line of progress on stderr: on a terminal rewritten in place (rate, time left), elsewhere a
/// line every 30 s. Thread-safe.
class Progress {
 public:
  /// `unit`: what is counted ("pictures", "captions", "pairs"). total 0: unknown. `quiet`: say
  /// nothing.
  Progress(std::string label, int64_t total, std::string unit, bool quiet = false);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void advance(int64_t count = 1);
  /// A note at the end of the line, such as which side is the bottleneck.
  void note(std::string text);
  /// Ends the line with the total and the seconds it took.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace consilience::engine
