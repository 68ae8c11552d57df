#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>

#include "engine/report/caveats.h"
#include "engine/report/report.h"
#include "engine/report/study_view.h"
#include "kernels/base/error.h"
#include "tests/unit/report/planted.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

size_t occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Page, SaysWhatWasFoundWithItsBaselines) {
  const auto page = render_html(planted::quiet_study());
  EXPECT_THAT(page, HasSubstr("is <b>.200</b>; chance is .010"));
  EXPECT_THAT(page, HasSubstr("None of 31 rules fired"));
  for (const char* id : {"measured", "tables", "maps", "curves", "caveats", "models", "methods"})
    EXPECT_THAT(page, HasSubstr(std::string("<section id=\"") + id + "\">"));
}

TEST(Page, NeverCallsSmallPConvergence) {
  const auto page = render_html(planted::realistic_study());
  EXPECT_EQ(occurrences(page, "convergence"), 1U);
  EXPECT_THAT(page, HasSubstr("p is no measure of convergence"));
  EXPECT_THAT(page, Not(HasSubstr("significant")));
}

TEST(Page, IsTheSameEveryTime) {
  EXPECT_EQ(render_html(planted::realistic_study()), render_html(planted::realistic_study()));
}

TEST(Page, StaysSmall) {
  const auto study = planted::realistic_study();
  ASSERT_EQ(study.pairs.size(), 63U);
  EXPECT_LT(render_html(study).size(), 2'500'000U);
}

TEST(Page, NamesCannotBreakOut) {
  const auto page = render_html(planted::hostile_study());
  EXPECT_EQ(occurrences(page, "<script"), 2U) << "the layer names and the page's own script";
  EXPECT_EQ(occurrences(page, "</script>"), 2U);
  EXPECT_EQ(occurrences(page, "<img"), 0U);
  EXPECT_EQ(occurrences(page, "</title></style>"), 0U);
}

TEST(Page, ShowsADashAndTheReasonForAnUndefinedPair) {
  auto study = planted::quiet_study();
  auto& score = study.pairs[0].score;
  score.best_a = score.best_b = -1;
  score.maximum = std::numeric_limits<double>::quiet_NaN();
  score.reason = "k = 10 needs at least 11 rows";
  const auto page = render_html(study);
  EXPECT_THAT(page, HasSubstr("<td class=\"none\">—</td>"));
  EXPECT_THAT(page, HasSubstr("k = 10 needs at least 11 rows"));
  EXPECT_THAT(page, HasSubstr("No pair of trained models has a value"));
}

TEST(Page, ShowsOneTableForEachModalityPair) {
  auto study = planted::quiet_study();
  study.models[3] = study.models[0];
  study.models[3].name = "second";
  study.pairs[1].score.model_a = "efficientnet-lite0";
  study.pairs[1].score.model_b = "second";
  const StudyView view(study);
  ASSERT_EQ(view.tables().size(), 2U);
  EXPECT_EQ(view.tables()[0].modality_b, "text");
  EXPECT_EQ(view.tables()[1].modality_b, "vision");
  EXPECT_THAT(render_html(study), HasSubstr("<h2>Alignment, vision</h2>"));
}

TEST(Page, TurnsPairsThatComeTextFirst) {
  auto study = planted::quiet_study();
  auto& score = study.pairs[0].score;
  std::swap(score.model_a, score.model_b);
  score.layers_a = {"t0/mean", "t1/mean"};
  score.layers_b = {"v0/mean", "v1/mean", "v2/mean"};
  score.grid = Matrix<double>(2, 3);
  score.grid(1, 2) = score.maximum = .4;
  score.best_a = 1;
  score.best_b = 2;
  const StudyView view(study);
  const auto& pair = *view.tables()[0].trained().at(0);
  EXPECT_EQ(pair.a->modality, "vision");
  EXPECT_EQ(pair.layers_a()[static_cast<size_t>(pair.best_a())], "v2/mean");
  EXPECT_EQ(pair.cell(2, 1), .4);
}

TEST(Page, CompareOfBareFilesHasNoCards) {
  StudyResult study;
  auto pair = planted::quiet_study().pairs[0];
  pair.score.model_a = "a.npy";
  pair.score.model_b = "b.npy";
  study.pairs.push_back(pair);
  const auto page = render_html(study);
  EXPECT_THAT(page, HasSubstr("a.npy × b.npy"));
  EXPECT_THAT(page, HasSubstr("no random-weights twins were run"));
}

class WriteReport : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_ = fs::path(::testing::TempDir()) /
                     ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(WriteReport, LeavesFourWholeFilesAndNoDrafts) {
  write_report(folder_, planted::quiet_study());
  write_report(folder_, planted::quiet_study());
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_))
    if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder_).string());
  EXPECT_THAT(files, ::testing::UnorderedElementsAre("index.html", "tables/scores.csv",
                                                     "tables/scores.json", "tables/pairs.csv"));
  std::ifstream page(folder_ / "index.html");
  const std::string text((std::istreambuf_iterator<char>(page)), {});
  EXPECT_EQ(text, render_html(planted::quiet_study()));
}

TEST_F(WriteReport, NamesTheFileThatIsInTheWay) {
  std::ofstream(folder_) << "a file";
  try {
    write_report(folder_, StudyResult{});
    FAIL() << "wrote into a file";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_THAT(error.what(), HasSubstr(folder_.string()));
  }
}

TEST(Page, TellsDistancesAndOtherMetricsAsTheyAre) {
  const auto page = render_html(planted::other_metrics_study());
  EXPECT_THAT(page, HasSubstr("Procrustes distance at its layer minimum runs from 1.857"));
  EXPECT_THAT(page, HasSubstr("it is a distance, smaller is closer."));
  EXPECT_THAT(page, HasSubstr("All 12 lie below the smallest of 200 permutations"));
  EXPECT_THAT(page, HasSubstr("all 11 that have an interval have the whole"));
  EXPECT_THAT(page, HasSubstr("<h2>Alignment, vision × text, Procrustes distance</h2>"));
  EXPECT_THAT(page, HasSubstr("<h2>Alignment, vision × text, ridge R² 5-fold (direction=x-&gt;y)"));
  EXPECT_THAT(page, HasSubstr("what is left after the best rotation: <code>|A|^2"));
  EXPECT_THAT(page, Not(HasSubstr("mutual")));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
  EXPECT_THAT(page, Not(HasSubstr("Chance for one layer pair —")));
}

TEST(Page, DistancesFireTheSameCaveatsAsScores) {
  const auto ids = [](const StudyResult& study) {
    std::set<std::string> out;
    for (const auto& caveat : caveats(StudyView(study))) out.emplace(caveat.id);
    return out;
  };
  auto mirrored = planted::realistic_study();
  const auto expected = ids(mirrored);
  for (auto& pair : mirrored.pairs) {
    pair.score.larger_is_closer = false;
    auto& inference = pair.inference;
    for (double* value : {&pair.score.maximum, &pair.score.chance, &inference.null_mean,
                          &inference.null_largest, &inference.lo, &inference.hi})
      *value = 1 - *value;
    std::swap(inference.lo, inference.hi);
  }
  EXPECT_EQ(ids(mirrored), expected);
}

/// The browser tests look at pages that this writes: see tests/browser.
TEST(PlantedReport, WritesPagesForTheBrowser) {
  const char* folder = std::getenv("CONSILIENCE_PLANTED_REPORTS");
  if (folder == nullptr) GTEST_SKIP() << "CONSILIENCE_PLANTED_REPORTS names no folder";
  const fs::path root(folder);
  StudyResult empty;
  empty.name = "empty";
  write_report(root / "realistic", planted::realistic_study());
  write_report(root / "hostile", planted::hostile_study());
  write_report(root / "other-metrics", planted::other_metrics_study());
  write_report(root / "quiet", planted::quiet_study());
  write_report(root / "empty", empty);
}

}  // namespace
}  // namespace consilience::engine
