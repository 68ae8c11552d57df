#include "engine/types/groups.h"

#include <gtest/gtest.h>

namespace consilience::engine {
namespace {

TEST(GroupNumbers, EqualNamesShareANumberAndNamelessRowsStandAlone) {
  const std::vector<std::string> names = {"cat", "", "dog", "cat", "", "dog"};
  EXPECT_EQ(group_numbers(names), (std::vector<int32_t>{0, 1, 2, 0, 3, 2}));
}

TEST(GroupNumbers, NoNamesAreNoGroups) {
  EXPECT_TRUE(group_numbers(std::vector<std::string>{"", "", ""}).empty());
  EXPECT_TRUE(group_numbers({}).empty());
}

}  // namespace
}  // namespace consilience::engine
