#include "engine/text/bits_per_byte.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using Floats = std::vector<float>;

TEST(BitsPerByte, AreSumsOverSumsAndOneOfEachDocument) {
  const BitsPerByte bits = bits_per_byte(Floats{8, 2}, Floats{3, 1}, Floats{16, 8});
  EXPECT_DOUBLE_EQ(bits.value, 10 / (std::numbers::ln2 * 24));
  EXPECT_DOUBLE_EQ(bits.each[0], 8 / (std::numbers::ln2 * 16));
  EXPECT_DOUBLE_EQ(bits.each[1], 2 / (std::numbers::ln2 * 8));
  EXPECT_EQ(bits.predicted, 4);
  EXPECT_EQ(bits.bytes, 24);
  EXPECT_EQ(bits.unpredicted, 0);
}

TEST(BitsPerByte, ADocumentOfOneTokenHasNoneOfItsOwnAndCountsInTheSums) {
  const BitsPerByte bits = bits_per_byte(Floats{8, 0}, Floats{3, 0}, Floats{16, 8});
  EXPECT_DOUBLE_EQ(bits.value, 8 / (std::numbers::ln2 * 24));
  EXPECT_TRUE(std::isnan(bits.each[1]));
  EXPECT_EQ(bits.unpredicted, 1);
}

TEST(BitsPerByte, NothingPredictedIsNoNumber) {
  EXPECT_TRUE(std::isnan(bits_per_byte(Floats{0}, Floats{0}, Floats{3}).value));
  EXPECT_TRUE(std::isnan(bits_per_byte({}, {}, {}).value));
  EXPECT_THROW(static_cast<void>(bits_per_byte(Floats{1}, {}, {})), Error);
}

}  // namespace
}  // namespace consilience::engine
