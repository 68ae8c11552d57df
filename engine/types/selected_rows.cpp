#include "engine/types/selected_rows.h"

#include "engine/base/hash.h"
#include "engine/base/json.h"
#include "kernels/base/error.h"

namespace consilience::engine {

std::string SelectedRows::digest() const {
  return hash_of({{"features", whole_->digest()}, {"rows", rows_}});
}

std::vector<int64_t> rows_without(int64_t n, const std::vector<int64_t>& dropped) {
  std::vector<uint8_t> keep(static_cast<size_t>(n), 1);
  for (const int64_t row : dropped) {
    if (row < 0 || row >= n)
      fail(Failure::usage, "row {} cannot be dropped: rows are 0 .. {}", row, n - 1);
    keep[static_cast<size_t>(row)] = 0;
  }
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < n; ++i)
    if (keep[static_cast<size_t>(i)] != 0) rows.push_back(i);
  return rows;
}

}  // namespace consilience::engine
