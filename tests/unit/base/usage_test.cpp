#include "engine/base/usage.h"

#include <gtest/gtest.h>

#include <vector>

namespace consilience::engine {
namespace {

TEST(Usage, PeakMemoryIsThatOfThisProgramAlone) {
  const int64_t before = peak_bytes();
  EXPECT_GT(before, int64_t{1} << 20);
  std::vector<char> large(size_t{300} << 20, 1);
  EXPECT_GE(peak_bytes() - before, int64_t{250} << 20);
  EXPECT_EQ(large.back(), 1);
}

TEST(Usage, TimesGoForward) {
  const double cpu = cpu_seconds();
  const double wall = wall_seconds();
  while (cpu_seconds() == cpu) {
  }
  EXPECT_GT(cpu_seconds(), cpu);
  EXPECT_GT(wall_seconds(), wall);
}

}  // namespace
}  // namespace consilience::engine
