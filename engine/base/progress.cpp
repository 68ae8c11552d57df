#include "engine/base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <utility>

#include "engine/base/progress_line.h"

namespace consilience::engine {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kTerminalPeriod = 0.1;  // seconds between lines
constexpr double kLogPeriod = 30;

}  // namespace

struct Progress::Impl {
  ProgressState state;
  bool quiet = false;
  bool terminal = false;
  bool finished = false;
  bool shown = false;
  Clock::time_point start = Clock::now();
  double last = 0;  // seconds after the start
  std::mutex mutex;

  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start).count(); }

  void show() {
    state.seconds = elapsed();
    if (state.seconds - last < (terminal ? kTerminalPeriod : kLogPeriod)) return;
    last = state.seconds;
    shown = true;
    print(progress_line(state), terminal ? "" : "\n");
  }

  /// On a terminal the line is overwritten: back to its start, and what it held erased.
  void print(const std::string& line, const char* end) const {
    const std::string text = fmt::format("{}{}{}", terminal ? "\r\x1b[K" : "", line, end);
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
  }
};

Progress::Progress(std::string label, int64_t total, std::string unit, bool quiet)
    : impl_(std::make_unique<Impl>()) {
  impl_->state = {std::move(label), std::move(unit), "", 0, total, 0};
  impl_->quiet = quiet;
  impl_->terminal = isatty(STDERR_FILENO) == 1;
}

Progress::~Progress() {
  if (impl_->shown && impl_->terminal && !impl_->finished) std::fputs("\n", stderr);
}

void Progress::advance(int64_t count) {
  const std::lock_guard lock(impl_->mutex);
  impl_->state.done += count;
  if (!impl_->quiet) impl_->show();
}

void Progress::note(std::string text) {
  const std::lock_guard lock(impl_->mutex);
  impl_->state.note = std::move(text);
}

void Progress::finish() {
  const std::lock_guard lock(impl_->mutex);
  if (std::exchange(impl_->finished, true) || impl_->quiet) return;
  impl_->state.seconds = impl_->elapsed();
  impl_->print(finish_line(impl_->state), "\n");
}

}  // namespace consilience::engine
