#include "engine/store/widen.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace consilience::engine {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

std::vector<float> widened(const std::vector<uint16_t>& bits, Dtype dtype) {
  const auto n = static_cast<int64_t>(bits.size());
  std::vector<float> out(bits.size());
  EXPECT_EQ(widen({"x", dtype, {n}, std::as_bytes(std::span(bits))}, 0, out), -1);
  return out;
}

TEST(Widen, HalfValues) {
  EXPECT_EQ(widened({0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x03ff, 0x7c00, 0xfc00}, Dtype::f16),
            (std::vector<float>{1, -2, 65504, 0x1p-14F, 0x1p-24F, 1023 * 0x1p-24F, kInf, -kInf}));
  EXPECT_TRUE(std::signbit(widened({0x8000}, Dtype::f16)[0]));
  EXPECT_TRUE(std::isnan(widened({0x7e00}, Dtype::f16)[0]));
}

TEST(Widen, Bfloat16Values) {
  EXPECT_EQ(widened({0x3f80, 0xbf00, 0x7f7f, 0x0001, 0x7f80}, Dtype::bf16),
            (std::vector<float>{1, -0.5F, 0x1.fep127F, 0x1p-133F, kInf}));
}

// Every 16-bit pattern but the NaNs survives the way up and down.
TEST(Widen, NarrowingIsItsInverse) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    std::vector<uint16_t> bits(65536);
    for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
    const std::vector<float> wide = widened(bits, dtype);
    const std::vector<uint16_t> back = narrow(wide, dtype);
    for (size_t i = 0; i < bits.size(); ++i) {
      if (std::isnan(wide[i])) {
        EXPECT_TRUE(std::isnan(widened({back[i]}, dtype)[0])) << i;
      } else {
        ASSERT_EQ(back[i], bits[i]) << i;
      }
    }
  }
}

// The definition: of the two neighbours the nearer one, of two equally near ones the even.
TEST(Narrow, RoundsToNearestEven) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16}) {
    const uint16_t largest = dtype == Dtype::f16 ? 0x7bff : 0x7f7f;
    for (uint16_t low = 0; low < largest; ++low) {
      const auto high = static_cast<uint16_t>(low + 1);
      const std::vector<float> ends = widened({low, high}, dtype);
      const float middle =
          static_cast<float>((static_cast<double>(ends[0]) + static_cast<double>(ends[1])) / 2);
      const std::vector<uint16_t> got =
          narrow(std::vector<float>{std::nextafter(middle, -kInf), middle,
                                    std::nextafter(middle, kInf), -middle},
                 dtype);
      const uint16_t even = (low & 1) == 0 ? low : high;
      ASSERT_EQ(got[0], low) << low;
      ASSERT_EQ(got[1], even) << low;
      ASSERT_EQ(got[2], high) << low;
      ASSERT_EQ(got[3], even | 0x8000) << low;
    }
  }
}

TEST(Narrow, BeyondTheLargest) {
  EXPECT_EQ(narrow(std::vector<float>{65519.996F, 65520, 1e30F, -kInf}, Dtype::f16),
            (std::vector<uint16_t>{0x7bff, 0x7c00, 0x7c00, 0xfc00}));
  EXPECT_EQ(narrow(std::vector<float>{std::numeric_limits<float>::max(), kInf}, Dtype::bf16),
            (std::vector<uint16_t>{0x7f80, 0x7f80}));
}

TEST(Widen, DoubleOnlyWhereItIsAFloat) {
  const std::vector<double> values{0.5, -0x1p-149, std::nan(""), HUGE_VAL, 0.1, 1e300};
  const TensorView x = tensor("x", {6}, values);
  std::vector<float> out(4);
  EXPECT_EQ(widen(x, 0, out), -1);
  EXPECT_EQ(out[0], 0.5F);
  EXPECT_EQ(out[1], -0x1p-149F);
  EXPECT_TRUE(std::isnan(out[2]));
  EXPECT_EQ(out[3], kInf);
  EXPECT_EQ(widen(x, 3, std::span(out).first(2)), 1);
  EXPECT_EQ(widen(x, 5, std::span(out).first(1)), 0);
  EXPECT_EQ(widen(x, 4, std::span(out).first(2), true), -1);
  EXPECT_EQ(out[0], 0.1F);
  EXPECT_EQ(out[1], kInf);
}

}  // namespace
}  // namespace consilience::engine
