#include "engine/inference/multiple_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/base/error.h"
#include "tests/support/random_matrix.h"

namespace consilience::engine {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The 15 comparisons of Benjamini and Hochberg (1995), section 4.1, in another order.
TEST(BenjaminiHochberg, TheTableOfThePaper) {
  const std::vector<double> p = {.0459, .0001, .0095, .0004, .0019, .3240, .0201, 1.000,
                                 .0278, .0298, .7590, .0344, .4262, .6528, .5719};
  const std::vector<double> adjusted = benjamini_hochberg(p);
  EXPECT_EQ(std::ranges::count_if(adjusted, [](double q) { return q <= 0.05; }), 4);
  const auto of = [&](double value) {
    return adjusted[static_cast<size_t>(std::ranges::find(p, value) - p.begin())];
  };
  EXPECT_DOUBLE_EQ(of(.0001), .0001 * 15);
  EXPECT_DOUBLE_EQ(of(.0095), .0095 * 15 / 4);
  EXPECT_DOUBLE_EQ(of(.0278), .0298 * 15 / 7);  // the sixth takes the seventh's, which is smaller
  EXPECT_DOUBLE_EQ(of(.0298), .0298 * 15 / 7);
  EXPECT_DOUBLE_EQ(of(1.000), 1);
}

TEST(BenjaminiHochberg, UndefinedPairsAreNotCounted) {
  const std::vector<double> adjusted = benjamini_hochberg(std::vector{0.01, kNan, 0.04});
  EXPECT_DOUBLE_EQ(adjusted[0], 0.02);
  EXPECT_TRUE(std::isnan(adjusted[1]));
  EXPECT_DOUBLE_EQ(adjusted[2], 0.04);
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

TEST(FamilyWise, ByHand) {
  // t of the first: values 4 | 0 1 2 3 -> 2, -2 .. 1 times 1 / sd; of the second, ten times as
  // wide: 10 | 40 0 30 20. Largest per permutation, in places: 2, 1, 1, 1 (times the same sd).
  const std::vector<double> first = {0, 1, 2, 3};
  const std::vector<double> second = {40, 0, 30, 20};
  const std::vector<FamilyMember> members = {{4, first}, {10, second}};
  const std::vector<double> p = family_wise_p(members);
  EXPECT_DOUBLE_EQ(p[0], 2.0 / 5);  // only the first permutation's second member reaches 2
  EXPECT_DOUBLE_EQ(p[1], 1.0);      // -1: exceeded by all four maxima
}

TEST(FamilyWise, DistancesCountDownwards) {
  const std::vector<double> null = {5, 6, 7, 8};
  EXPECT_DOUBLE_EQ(family_wise_p(std::vector<FamilyMember>{{1, null, false}})[0], 1.0 / 5);
  EXPECT_DOUBLE_EQ(family_wise_p(std::vector<FamilyMember>{{1, null, true}})[0], 1.0);
}

TEST(FamilyWise, EdgeCases) {
  const std::vector<double> null = {5, 6, 7, 8};
  const std::vector<double> flat = {2, 2, 2, 2};
  const std::vector<double> holed = {5, kNan, 7, 8};
  const auto p = family_wise_p(std::vector<FamilyMember>{{9, null}, {2, flat}, {9, holed}});
  EXPECT_DOUBLE_EQ(p[0], 1.0 / 5);
  EXPECT_DOUBLE_EQ(p[1], 1);
  EXPECT_TRUE(std::isnan(p[2]));
  EXPECT_TRUE(family_wise_p({}).empty());
  EXPECT_THROW((void)family_wise_p(std::vector<FamilyMember>{{9, null}, {9, {}}}), Error);
}

/// Six related members, all null, of different spread: the smallest p is at most 0.05 in 5 % of the
/// studies. Of 400, Bin(400, 0.05) leaves 8 .. 35 with probability 2e-3.
TEST(FamilyWise, RejectsAnyOfANullStudyAtItsLevel) {
  testing::Draws draws(11);
  int rejected = 0;
  for (int study = 0; study < 400; ++study) {
    std::vector<std::vector<double>> values(6, std::vector<double>(100));
    for (size_t p = 0; p < 100; ++p) {
      const double shared = draws.normal();
      for (size_t m = 0; m < 6; ++m)
        values[m][p] = static_cast<double>(1 + m) * (shared + draws.normal());
    }
    std::vector<FamilyMember> members;
    for (const auto& v : values) members.push_back({v[0], std::span(v).subspan(1)});
    rejected += std::ranges::min(family_wise_p(members)) <= 0.05 ? 1 : 0;
  }
  EXPECT_GE(rejected, 8);
  EXPECT_LE(rejected, 35);
}

}  // namespace
}  // namespace consilience::engine
