#include "engine/inference/student.h"

#include <gtest/gtest.h>

namespace consilience::engine {
namespace {

/// Of printed tables.
TEST(Student, QuantilesOfTables) {
  EXPECT_NEAR(student_quantile_975(1), 12.706, 5e-4);
  EXPECT_NEAR(student_quantile_975(2), 4.3027, 5e-5);
  EXPECT_NEAR(student_quantile_975(3), 3.1824, 0.007 * 3.1824);
  EXPECT_NEAR(student_quantile_975(5), 2.5706, 1e-3);
  EXPECT_NEAR(student_quantile_975(10), 2.2281, 1e-4);
  EXPECT_NEAR(student_quantile_975(25), 2.0595, 5e-5);
  EXPECT_NEAR(student_quantile_975(100), 1.9840, 5e-5);
  EXPECT_NEAR(student_quantile_975(1000000), 1.95996, 1e-5);
}

}  // namespace
}  // namespace consilience::engine
