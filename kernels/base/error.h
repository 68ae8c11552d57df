#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace consilience {

/// What a failure means to whoever started the program; the values are the exit codes
/// (a contract: see docs/exit-codes in README).
enum class Failure : int {
  usage = 2,          ///< the command's words are wrong
  never = 3,          ///< this input can never succeed: do not retry
  transient = 4,      ///< disk full, a lost file system: retry
  out_of_memory = 5,  ///< retry smaller
  cancelled = 6,      ///< cancelled or pre-empted: retry
};

/// One line: what, which file or sample, what was expected, what was found, what to do.
class Error : public std::runtime_error {
 public:
  Error(Failure kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  [[nodiscard]] Failure kind() const noexcept { return kind_; }

 private:
  Failure kind_;
};

template <typename... Args>
[[noreturn]] void fail(Failure kind, fmt::format_string<Args...> text, Args&&... args) {
  throw Error(kind, fmt::format(text, std::forward<Args>(args)...));
}

/// Throws Error{Failure::never} unless `condition` holds.
template <typename... Args>
void expect(bool condition, fmt::format_string<Args...> text, Args&&... args) {
  if (!condition) throw Error(Failure::never, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace consilience
