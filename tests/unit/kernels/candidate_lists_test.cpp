#include "kernels/cpu/candidate_lists.h"

#include <gtest/gtest.h>

#include "tests/support/candidate_brackets.h"
#include "tests/support/random_matrix.h"

namespace consilience::kernels::cpu {
namespace {

using testing::Features;
using testing::normal_matrix;

constexpr int64_t kRows = 400;
constexpr int64_t kFeatures = 400;

/// Normal rows, packed.
struct Packed {
  Packed()
      : features{.x = normal_matrix(kRows, kFeatures, 7), .mean = {}, .scale = {}},
        side(features.x.view(), features.clamp, {}),
        rows(kRows) {
    std::iota(rows.begin(), rows.end(), 0);
    frame.emplace(features.view(), rows, Similarity::dot);
    packed.emplace(Context{Backend::cpu, 1}, testing::arithmetics().front(),
                   RowSource{side, {}, *frame, rows});
    packed->panels.set_errors(packed->panels.largest_norms());
  }

  [[nodiscard]] const Panels& panels() const { return packed->panels; }
  /// The product that gives row 0 and column j about this score.
  [[nodiscard]] float product(double score, int64_t j) const {
    const auto at = static_cast<size_t>(j);
    return static_cast<float>((score - panels().offset[at]) /
                              (double{panels().scale[0]} * panels().scale[at]));
  }

  Features features;
  Side side;
  std::vector<int32_t> rows;
  std::optional<ResidualFrame> frame;
  std::optional<PackedRows> packed;
};

TEST(CandidateLists, KeepWhatMayBeAmongTheBest) {
  const Packed set;
  CandidateLists lists(set.panels(), set.panels(), 3);
  for (int64_t j = 1; j < kRows; ++j) {
    EXPECT_TRUE(lists.push(0, j, set.product(0.01 * static_cast<double>(j), j), kRows));
  }
  lists.compact(0, kRows);
  const auto kept = lists.columns(0);
  EXPECT_LT(kept.size(), 40U);
  for (int32_t best = 396; best < 400; ++best) {
    EXPECT_NE(std::ranges::find(kept, best), kept.end()) << best;
  }
  EXPECT_TRUE(lists.proven(0, 3.96));
}

TEST(CandidateLists, ABeliefThatWasWrongIsSeen) {
  const Packed set;
  CandidateLists lists(set.panels(), set.panels(), 30);
  ASSERT_LT(believed_rank(31, 4, kRows), 31);
  // So few columns are said to have been seen that the few best of them seem to be the best of all.
  for (int64_t j = 1; j < 100; ++j) {
    EXPECT_TRUE(lists.push(0, j, set.product(0.1 * static_cast<double>(j), j), 4));
  }
  lists.compact(0, 4);
  EXPECT_LT(lists.columns(0).size(), 31U);
  EXPECT_FALSE(lists.proven(0, 6.9));  // the 31st best of what was pushed
  EXPECT_TRUE(lists.proven(0, 9.9));
}

TEST(CandidateLists, ARowThatIsFullOfTiesSaysSo) {
  const Packed set;
  CandidateLists lists(set.panels(), set.panels(), 3);
  bool full = false;
  for (int64_t j = 1; j < kRows && !full; ++j) full = !lists.push(0, j, set.product(1.0, j), kRows);
  EXPECT_TRUE(full);
  const auto count = static_cast<int64_t>(lists.columns(0).size());
  EXPECT_LE(count, candidate_room(3));
  lists.clear(0);
  EXPECT_TRUE(lists.columns(0).empty());
}

TEST(CandidateLists, NothingIsProvenOnlyOnceAThresholdWasRaised) {
  const Packed set;
  CandidateLists lists(set.panels(), set.panels(), 3);
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  EXPECT_TRUE(lists.proven(0, kNone));  // nothing was let go
  lists.raise_threshold(0, 0.5);
  EXPECT_FALSE(lists.proven(0, kNone));
  EXPECT_TRUE(lists.proven(0, 0.5));
  EXPECT_FALSE(lists.proven(0, 0.4));
}

TEST(PackedRows, WordsMadeAnewAreTheSame) {
  const Packed set;
  for (const Arithmetic arithmetic : testing::arithmetics()) {
    const RowSource source = {set.side, {}, *set.frame, set.rows};
    const PackedRows kept({Backend::cpu, 1}, arithmetic, source);
    const PackedRows anew({Backend::cpu, 1}, arithmetic, source, -(int64_t{1} << 40));
    WordBuffer room;
    WordBuffer none;
    const int64_t panel = kept.panels.words() * tile_columns();
    const int64_t panels = std::ssize(kept.panels.scale) / tile_columns();
    for (int64_t first = 0; first < panels; first += 2) {
      const int64_t last = std::min(panels, first + 3);
      const uint32_t* a = kept.words(first, last, none);
      const uint32_t* b = anew.words(first, last, room);
      ASSERT_NE(a, b);
      EXPECT_TRUE(std::equal(a, a + (last - first) * panel, b)) << name_of(arithmetic);
    }
    EXPECT_EQ(none.data(), nullptr);
  }
}

}  // namespace
}  // namespace consilience::kernels::cpu
