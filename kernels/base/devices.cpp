#include "kernels/base/devices.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "kernels/base/error.h"

namespace consilience::kernels {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && value >= 0;
  return whole && text.front() != '-' ? std::optional(value) : std::nullopt;
}

[[noreturn]] void refuse(std::string_view words) {
  fail(Failure::usage,
       "device {}: expected cpu, cuda (the first device), cuda:1, cuda:0-3 or cuda:all", words);
}

bool is_release(std::string_view word) {
  const size_t dot = word.find('.');
  return dot != word.npos && dot >= 3 &&
         word.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

Context parse_device(std::string_view words) {
  Context context;
  if (words == "cpu") return context;
  context.backend = Backend::cuda;
  context.devices = 1;
  if (words == "cuda") return context;
  constexpr std::string_view kPrefix = "cuda:";
  if (!words.starts_with(kPrefix)) refuse(words);
  const std::string_view which = words.substr(kPrefix.size());
  if (which == "all") {
    context.devices = 0;
    return context;
  }
  const size_t dash = which.find('-');
  const std::optional<int> first = number(which.substr(0, dash));
  const std::optional<int> last =
      dash == which.npos ? first : number(which.substr(std::min(dash + 1, which.size())));
  constexpr int kMost = std::numeric_limits<int16_t>::max();  // far beyond any machine
  if (!first || !last || *last < *first || *last > kMost) refuse(words);
  context.first_device = *first;
  context.devices = *last - *first + 1;
  return context;
}

std::string cuda_version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

int minimum_driver_release(int runtime) {
  constexpr int kCuda11 = 450, kCuda12 = 525, kCuda13 = 580;
  if (runtime >= 13000) return kCuda13;
  return runtime >= 12000 ? kCuda12 : kCuda11;
}

std::string driver_release(std::string_view version_file) {
  constexpr std::string_view kBlank = " \t\n";
  while (!version_file.empty()) {
    const size_t start = std::min(version_file.find_first_not_of(kBlank), version_file.size());
    version_file.remove_prefix(start);
    const std::string_view word = version_file.substr(0, version_file.find_first_of(kBlank));
    if (is_release(word)) return std::string(word);
    version_file.remove_prefix(word.size());
  }
  return "";
}

}  // namespace consilience::kernels
