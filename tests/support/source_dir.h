#pragma once
#include <string>

namespace consilience {

/// The root of this repository, where tests find their data: CONSILIENCE_SOURCE_DIR where a test
/// program was taken to another machine.
std::string source_dir();

}  // namespace consilience
