#include "engine/store/events.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>

#include "engine/store/commit.h"
#include "engine/store/store.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::string host() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return file_name_part(name.data());
}

std::string now() {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

}  // namespace

EventLog::EventLog(const Store& store) {
  make_folders(store.root(), "events");
  path_ = store.root() / "events" / fmt::format("{}-{}.jsonl", host(), getpid());
}

void EventLog::write(Json event) const {
  event["time"] = now();
  const std::string line = canonical_json(event) + "\n";
  const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, line.data(), line.size());
  close(fd);
}

}  // namespace consilience::engine
