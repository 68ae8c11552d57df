#include "engine/base/cancel.h"

#include <atomic>
#include <csignal>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "written in a signal handler");

void on_signal(int number) {
  if (!stop.exchange(true)) return;
  std::signal(number, SIG_DFL);
  std::raise(number);
}

}  // namespace

void install_cancel_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM}) sigaction(number, &action, nullptr);
}

bool cancelled() { return stop.load(std::memory_order_relaxed); }

void throw_if_cancelled() {
  if (cancelled())
    fail(Failure::cancelled, "stopped on request; finished work is kept: run it again to go on");
}

void request_cancel() { stop = true; }
void clear_cancel() { stop = false; }

}  // namespace consilience::engine
