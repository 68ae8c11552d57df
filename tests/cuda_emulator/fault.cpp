#include "tests/cuda_emulator/fault.h"

#include <string_view>

namespace consilience::cuda_emulator {

std::string text_of(const std::source_location& where) {
  constexpr std::string_view kRoot = CONSILIENCE_SOURCE_DIR "/";
  std::string_view path = where.file_name();
  if (path.starts_with(kRoot)) path.remove_prefix(kRoot.size());
  return std::string(path) + ":" + std::to_string(where.line());
}

}  // namespace consilience::cuda_emulator
