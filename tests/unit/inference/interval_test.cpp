#include "engine/inference/interval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& kind) {
  try {
    (void)parse_interval_kind(kind);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::usage);
    return error.what();
  }
  return "";
}

TEST(IntervalKind, Words) {
  EXPECT_EQ(parse_interval_kind("none"), IntervalKind::none);
  EXPECT_EQ(parse_interval_kind("half-splits"), IntervalKind::half_splits);
  EXPECT_EQ(parse_interval_kind("jackknife"), IntervalKind::jackknife);
  EXPECT_EQ(parse_interval_kind("query-bootstrap"), IntervalKind::query_bootstrap);
}

TEST(IntervalKind, RowBootstrapIsRefusedWithTheReason) {
  EXPECT_THAT(refusal("row-bootstrap"), HasSubstr("copies are nearest neighbours"));
  EXPECT_THAT(refusal("bootstrap"), HasSubstr("expected none, half-splits"));
}

TEST(Interval, Is196StandardDeviationsWide) {
  const Interval interval = interval_around(2, 0.5, "x");
  EXPECT_DOUBLE_EQ(interval.lo, 2 - 0.98);
  EXPECT_DOUBLE_EQ(interval.hi, 2 + 0.98);
  EXPECT_DOUBLE_EQ(interval.sd, 0.5);
}

}  // namespace
}  // namespace consilience::engine
