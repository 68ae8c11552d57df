#include "engine/base/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "engine/base/cancel.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr size_t kErrorTail = 4096;
constexpr int kPollMilliseconds = 100;
constexpr std::chrono::seconds kGrace{5};  // between SIGTERM and SIGKILL

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      fail(Failure::transient, "no pipe for a child process: {}", std::strerror(errno));
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
};

std::vector<std::string> environment_with(const std::vector<std::string>& extra) {
  std::vector<std::string> all = extra;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view key = text.substr(0, text.find('='));
    bool replaced = false;
    for (const std::string& other : extra)
      replaced = replaced || std::string_view(other).substr(0, other.find('=')) == key;
    if (!replaced) all.emplace_back(text);
  }
  return all;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/// After fork: only calls that are safe there. Never returns.
[[noreturn]] void become(char* const* argv, char* const* env, int out, int err, int report,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = open("/dev/null", O_RDONLY);
  if (in >= 0 && dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0)
    execvpe(argv[0], argv, env);
  const int reason = errno;
  [[maybe_unused]] const ssize_t written = write(report, &reason, sizeof reason);
  _exit(127);
}

/// Reads what is there; false at the end of the stream.
template <typename Take>
bool drain(int fd, Take take) {
  std::array<char, 16384> buffer{};
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got == 0) return false;
    if (got > 0) {
      take(std::string_view(buffer.data(), static_cast<size_t>(got)));
    } else if (errno == EAGAIN) {
      return true;
    } else if (errno != EINTR) {
      return false;
    }
  }
}

void pass_on(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void stop(pid_t child, const std::string& name) {
  kill(child, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + kGrace;
  while (waitpid(child, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
      break;
    }
    poll(nullptr, 0, kPollMilliseconds / 10);
  }
  fail(Failure::cancelled, "{}: stopped on request", name);
}

int exit_code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Both streams until the child has ended (a grandchild may keep them open for longer).
ProcessResult follow(pid_t child, int out, int err, const std::string& name) {
  ProcessResult result;
  const auto read_all = [&](std::array<pollfd, 2>& streams) {
    if (streams[0].fd >= 0 && !drain(out, [&](std::string_view text) { result.output += text; }))
      streams[0].fd = -1;
    if (streams[1].fd >= 0 && !drain(err, [&](std::string_view text) {
          pass_on(text);
          result.error_tail += text;
          if (result.error_tail.size() > kErrorTail)
            result.error_tail.erase(0, result.error_tail.size() - kErrorTail);
        }))
      streams[1].fd = -1;
  };
  for (const int fd : {out, err}) fcntl(fd, F_SETFL, O_NONBLOCK);
  std::array<pollfd, 2> streams{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  for (;;) {
    if (cancelled()) stop(child, name);
    const bool open = streams[0].fd >= 0 || streams[1].fd >= 0;
    poll(streams.data(), streams.size(), open ? kPollMilliseconds : kPollMilliseconds / 10);
    int status = 0;
    const bool ended = waitpid(child, &status, WNOHANG) == child;
    read_all(streams);
    if (ended) {
      result.exit_code = exit_code_of(status);
      return result;
    }
  }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& argv,
                          const std::vector<std::string>& extra_environment) {
  expect(!argv.empty(), "run_process: no program named");
  const std::vector<std::string> environment = environment_with(extra_environment);
  const std::vector<char*> arguments = pointers(argv);
  const std::vector<char*> variables = pointers(environment);
  Pipe out, err, report;
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0)
    become(arguments.data(), variables.data(), out.write.get(), err.write.get(), report.write.get(),
           parent);
  if (child < 0)
    fail(Failure::transient, "{}: can't be started: {}", argv[0], std::strerror(errno));
  for (Pipe* pipe : {&out, &err, &report}) pipe->write.reset();
  int reason = 0;
  ssize_t got = 0;
  do got = read(report.read.get(), &reason, sizeof reason);
  while (got < 0 && errno == EINTR);
  if (got == sizeof reason) {
    waitpid(child, nullptr, 0);
    fail(Failure::transient, "{}: can't be started: {}", argv[0], std::strerror(reason));
  }
  return follow(child, out.read.get(), err.read.get(), argv[0]);
}

std::filesystem::path python() {
  const char* chosen = std::getenv("CONSILIENCE_PYTHON");
  return chosen != nullptr && *chosen != '\0' ? chosen : CONSILIENCE_DEFAULT_PYTHON;
}

}  // namespace consilience::engine
