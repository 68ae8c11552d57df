#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/store/store.h"

namespace consilience::engine {

struct StoreProblem {
  std::string file;  // relative to the root
  std::string what;
};

struct StoreCheck {
  std::vector<StoreProblem> problems;     // damaged, missing, incomplete
  std::vector<std::string> unreferenced;  // data files that no record names: harmless
  int64_t files = 0;                      // read
  int64_t bytes = 0;
};

/// Re-reads every record and every checksum: data of records, feature rows, model archives.
/// `on_file`, if given, is called with the size of each file that was read.
[[nodiscard]] StoreCheck verify_store(const Store& store,
                                      const std::function<void(int64_t)>& on_file = {});

}  // namespace consilience::engine
