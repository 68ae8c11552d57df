#include "engine/base/usage.h"

#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <string>

namespace consilience::engine {
namespace {

rusage of_process() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
}

}  // namespace

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
  const rusage usage = of_process();
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int64_t peak_bytes() {
  // Not ru_maxrss: it starts with what the parent held when it forked.
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return int64_t{of_process().ru_maxrss} * 1024;
}

}  // namespace consilience::engine
