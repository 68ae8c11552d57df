#pragma once
#include <cstdlib>
#include <string>

namespace consilience::testing {

/// The root of this repository, where tests find their data: CONSILIENCE_SOURCE_DIR where a test
/// program was taken to another machine.
inline std::string source_dir() {
  const char* moved = std::getenv("CONSILIENCE_SOURCE_DIR");
  return moved == nullptr ? CONSILIENCE_SOURCE_DIR : moved;
}

}  // namespace consilience::testing
