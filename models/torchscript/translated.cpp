#include "models/torchscript/translated.h"

namespace consilience::models::torchscript {
namespace {

constexpr size_t kLongest = 300;

}  // namespace

std::string first_line(const std::string& message) {
  const size_t start = message.find_first_not_of(" \n");
  if (start == std::string::npos) return "no message";
  return message.substr(start, message.find('\n', start) - start).substr(0, kLongest);
}

std::string last_line(const std::string& message) {
  const size_t end = message.find_last_not_of(" \n");
  if (end == std::string::npos) return "no message";
  const size_t start = message.rfind('\n', end);
  return message.substr(start == std::string::npos ? 0 : start + 1, end + 1).substr(0, kLongest);
}

void refuse(const std::string& what, const std::string& message, const std::string& line) {
  const bool memory = message.find("can't allocate memory") != std::string::npos ||
                      message.find("out of memory") != std::string::npos;
  fail(memory ? Failure::out_of_memory : Failure::never, "{}: {}", what, line);
}

}  // namespace consilience::models::torchscript
