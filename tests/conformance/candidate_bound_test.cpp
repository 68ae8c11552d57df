#include <gtest/gtest.h>

#include <iostream>

#include "tests/support/candidate_brackets.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/instruction_sets.h"

/// The bound E of docs/numerics.md, attacked.
namespace consilience::testing {
namespace {

using kernels::Similarity;
using kernels::cpu::Arithmetic;

std::string words_for(Similarity similarity) {
  return similarity == Similarity::dot ? "dot" : "euclidean";
}

class CandidateBound : public OnInstructionSet {};

TEST_P(CandidateBound, HoldsOnHardRows) {
  for (const Arithmetic arithmetic : arithmetics()) {
    for (const auto similarity : {Similarity::dot, Similarity::euclidean}) {
      double worst = 0;
      for (const HardCase& hard : hard_cases()) {
        for (const int64_t d : {1, 16, 130, 700}) {
          const Features features = {.x = hard.make(70, d), .mean = {}, .scale = {}};
          const double ratio = largest_error_ratio(features.view(), similarity, arithmetic);
          EXPECT_LE(ratio, 1.0) << hard.name << ", d = " << d << ", " << name_of(arithmetic);
          worst = std::max(worst, ratio);
        }
      }
      std::cout << hwy::TargetName(GetParam()) << " " << name_of(arithmetic) << " "
                << words_for(similarity) << ": largest |approximate - exact| / E = " << worst
                << "\n";
    }
  }
}

/// Coordinate ascent: one feature of one row at a time is changed, and the change kept where the
/// error comes nearer to the bound.
double climb(Matrix<float> x, Similarity similarity, Arithmetic arithmetic, uint64_t seed) {
  Draws draws(seed);
  const auto ratio = [&](const Matrix<float>& rows) {
    const Features features = {.x = rows, .mean = {}, .scale = {}};
    return largest_error_ratio(features.view(), similarity, arithmetic);
  };
  double best = ratio(x);
  for (int step = 0; step < 400; ++step) {
    const auto pick = [&](int64_t count) {
      return static_cast<int64_t>(std::fabs(draws.normal()) * 1e6) % count;
    };
    float& value = x(pick(x.rows()), pick(x.cols()));
    const float before = value;
    const auto kind = pick(4);
    if (kind == 0) value = static_cast<float>(before * (1 + 0.01 * draws.normal()));
    if (kind == 1) value = static_cast<float>(before * std::exp(draws.normal()));
    if (kind == 2) value = -before;
    if (kind == 3) value = static_cast<float>(draws.normal());
    const double now = ratio(x);
    if (now > best) {
      best = now;
    } else {
      value = before;
    }
  }
  return best;
}

TEST_P(CandidateBound, HoldsUnderCoordinateAscent) {
  for (const Arithmetic arithmetic : arithmetics()) {
    for (const auto similarity : {Similarity::dot, Similarity::euclidean}) {
      double worst = 0;
      for (const int64_t d : {1, 2, 5, 16, 33, 200}) {
        for (uint64_t seed = 0; seed < 3; ++seed) {
          worst = std::max(worst, climb(normal_matrix(4, d, 50 + seed), similarity, arithmetic,
                                        100 * seed + static_cast<uint64_t>(d)));
        }
      }
      std::cout << hwy::TargetName(GetParam()) << " " << name_of(arithmetic) << " "
                << words_for(similarity) << ": largest |approximate - exact| / E = " << worst
                << "\n";
      EXPECT_LE(worst, 1.0);
      EXPECT_GT(worst, 0.01) << "an attack that finds nothing";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Machine, CandidateBound, ::testing::ValuesIn(instruction_sets()),
                         name_of_set);

}  // namespace
}  // namespace consilience::testing
