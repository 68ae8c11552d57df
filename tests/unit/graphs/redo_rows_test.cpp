#include "engine/graphs/redo_rows.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/memory_features.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

using testing::MemoryFeatures;
using testing::normal_matrix;

const kernels::Context kContext{kernels::Backend::cpu, 0};

/// Full lists, filtered by membership, are the answer.
std::vector<int32_t> filtered(std::span<const int32_t> list, std::span<const uint8_t> member,
                              size_t k) {
  std::vector<int32_t> kept;
  for (const int32_t j : list) {
    if (member[static_cast<size_t>(j)] != 0 && kept.size() < k) kept.push_back(j);
  }
  return kept;
}

TEST(RowRedo, EqualsTheFilteredFullLists) {
  const int64_t n = 60;
  const MemoryFeatures features({normal_matrix(n, 6, 1), normal_matrix(n, 3, 2)});
  std::vector<uint8_t> member(static_cast<size_t>(n));
  std::vector<int32_t> rows;
  for (int32_t i = 0; i < n; i += 2) {
    member[static_cast<size_t>(i)] = 1;
    if (i % 3 == 0) rows.push_back(i);
  }
  std::vector<int32_t> groups(static_cast<size_t>(n));
  for (int32_t i = 0; i < n; ++i) groups[static_cast<size_t>(i)] = i / 4;
  for (const bool grouped : {false, true}) {
    GraphRequest request{.model = "m",
                         .conditioning = {.center = Center::mean},
                         .k = 5,
                         .capacity = 55,
                         .groups = grouped ? groups : std::vector<int32_t>{}};
    const auto full = build_graphs(kContext, features, request);
    RowRedo redo(kContext, features, request, {});
    for (const int64_t layer : {1, 0, 1}) {
      Matrix<int32_t> lists(std::ssize(rows), 5);
      redo(layer, rows, member, 5, lists.view());
      for (size_t r = 0; r < rows.size(); ++r) {
        const auto row = lists.row(static_cast<int64_t>(r));
        EXPECT_EQ(std::vector<int32_t>(row.begin(), row.end()),
                  filtered(full[static_cast<size_t>(layer)].graph.index.row(rows[r]), member, 5));
      }
    }
  }
}

}  // namespace
}  // namespace consilience::engine
