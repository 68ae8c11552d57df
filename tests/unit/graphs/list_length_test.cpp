#include "engine/graphs/list_length.h"

#include <gtest/gtest.h>

namespace consilience::engine {
namespace {

TEST(ListLength, FourTimesKUpTo1024) {
  EXPECT_EQ(list_length(800, 10), 40);
  EXPECT_EQ(list_length(20'000, 300), 1024);
  EXPECT_EQ(list_length(20'000, 256), 1024);
  EXPECT_EQ(list_length(20'000, 1024), 1024);
}

TEST(ListLength, NeverMoreThanTheOtherRows) {
  EXPECT_EQ(list_length(30, 10), 29);
  EXPECT_EQ(list_length(5, 10), 4);
  EXPECT_EQ(list_length(1, 10), 0);
  EXPECT_EQ(list_length(0, 10), 0);
}

TEST(ListLength, ShortListsBeyondTwentyThousandRows) { EXPECT_EQ(list_length(20'001, 10), 10); }

}  // namespace
}  // namespace consilience::engine
