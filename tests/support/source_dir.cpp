#include "tests/support/source_dir.h"

#include <cstdlib>

namespace consilience {

std::string source_dir() {
  const char* moved = std::getenv("CONSILIENCE_SOURCE_DIR");
  return moved == nullptr ? CONSILIENCE_SOURCE_DIR : moved;
}

}  // namespace consilience
