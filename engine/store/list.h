#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/store/store.h"

namespace consilience::engine {

/// A line of `consilience store ls`.
struct StoreEntry {
  std::string kind;   // "models", "data", "features", "graphs", "reports", "scores"
  std::string name;   // "<name>@<hash8>"; "" for scores as a whole
  int64_t items = 0;  // chunks, graphs, scores; elsewhere files
  int64_t rows = 0;   // n; 0 where there is none
  int64_t bytes = 0;
  std::string note;  // "2 of 4 chunks"
};

[[nodiscard]] std::vector<StoreEntry> list_store(const Store& store);

}  // namespace consilience::engine
