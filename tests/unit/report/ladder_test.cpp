#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "engine/report/format.h"
#include "engine/report/ladder_parts.h"
#include "engine/report/report.h"
#include "engine/report/sections.h"
#include "engine/report/svg.h"
#include "engine/report/tables.h"
#include "tests/unit/report/planted.h"

namespace consilience::engine {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

LadderRung rung(const char* key, double value, bool baseline = false) {
  LadderRung out;
  out.key = key;
  out.name = std::string("the ") + key;
  out.value = value;
  out.from = std::string(key) + "-a x b";
  out.baseline = baseline;
  return out;
}

/// Chance .1, selection .2, trivial .3, random .5, classes .7, score 1.
Ladder ladder() {
  Ladder out;
  out.model_a = "vision-model";
  out.model_b = "text-model";
  out.metric = "mutual_knn(k=10, n=1000, l2)";
  out.rungs = {rung("chance", .1),       rung("selection", .2, true), rung("trivial", .3, true),
               rung("random", .5, true), rung("classes", .7),         rung("score", 1)};
  out.rungs[5].lo = .9;
  out.rungs[5].hi = 1;
  out.highest = "random";
  out.excess = .5;
  out.excess_lo = .4;
  out.excess_hi = .6;
  out.instances = .3;
  out.wording = "1.000 [0.900, 1.000] is 0.500 [0.400, 0.600] above the highest baseline.";
  return out;
}

Ladder mirrored() {
  Ladder out = ladder();
  out.larger_is_closer = false;
  for (auto& each : out.rungs) each.value = 1.5 - each.value;
  out.rungs[5].lo = .5;
  out.rungs[5].hi = .6;
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

size_t occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// The x and width of every bar of a kind, in per cent.
std::vector<std::pair<double, double>> bars(const std::string& html, const std::string& kind) {
  std::vector<std::pair<double, double>> out;
  const std::string open = "<rect class=\"" + kind + "\" x=\"";
  for (size_t at = html.find(open); at != std::string::npos; at = html.find(open, at + 1)) {
    const double x = std::stod(html.substr(at + open.size()));
    const size_t width = html.find("width=\"", at) + 7;
    out.emplace_back(x, std::stod(html.substr(width)));
  }
  return out;
}

TEST(LadderText, IsAlignedWithABarOfThirtyCells) {
  Ladder planted = ladder();
  planted.rungs[5].hi = 1.1;  // the scale ends at 1.25 or so, whatever the ticks say
  planted.excess_hi = .6;
  const Scale scale = ladder_scale(planted);
  const auto lines = lines_of(ladder_text(planted));
  ASSERT_EQ(lines.size(), 13U);
  EXPECT_EQ(lines[0], "vision-model x text-model");
  EXPECT_EQ(lines[1], "mutual_knn(k=10, n=1000, l2)");
  const auto cells = [&](double value) {
    return static_cast<size_t>(std::llround(30 * value / scale.high));
  };
  const std::array<double, 6> values{.1, .2, .3, .5, .7, 1};
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(occurrences(lines[3 + i], "█") + occurrences(lines[3 + i], "▒"), cells(values[i]))
        << lines[3 + i];
  EXPECT_EQ(occurrences(lines[8], "▒"), cells(.5)) << "what the highest baseline reaches too";
  EXPECT_THAT(lines[6], HasSubstr("random-a x b  <- highest baseline"));
  EXPECT_THAT(lines[8], HasSubstr(".900 – 1.100"));
  EXPECT_THAT(lines[9], AllOf(HasSubstr("excess over the random"), HasSubstr(".500"),
                              HasSubstr(".400 – .600")));
  EXPECT_THAT(lines[10], AllOf(HasSubstr("left for instances"), HasSubstr(".300")));
  const auto value_end = [&](size_t i) {
    const std::string value = score_text(values[i]);
    return text_width(lines[3 + i].substr(0, lines[3 + i].find(value) + value.size()));
  };
  for (size_t i = 1; i < values.size(); ++i) EXPECT_EQ(value_end(i), value_end(0));
}

TEST(LadderText, SaysWhyARungIsMissing) {
  Ladder planted = ladder();
  planted.rungs[3].value = kUnknown;
  planted.rungs[3].missing = "no random-weights twin was compared: give --random-a FILE";
  planted.highest = "trivial";
  planted.excess = .7;
  planted.excess_lo = planted.excess_hi = kUnknown;
  planted.excess_missing = "n is too small to halve";
  planted.instances = kUnknown;
  const auto lines = lines_of(ladder_text(planted));
  EXPECT_THAT(lines[6],
              AllOf(HasSubstr("—"), HasSubstr("give --random-a FILE"), Not(HasSubstr("█"))));
  EXPECT_THAT(lines[9], AllOf(HasSubstr(".700"), HasSubstr("n is too small to halve")));
  EXPECT_THAT(ladder_text(planted), Not(HasSubstr("left for instances")));
}

TEST(LadderText, ADistanceHasNoSharedPart) {
  const std::string text = ladder_text(mirrored());
  EXPECT_THAT(text, HasSubstr("(a distance: smaller is closer)"));
  EXPECT_EQ(occurrences(text, "▒"), 0U);
}

TEST(LadderText, NegativeValuesHangLeftOfZero) {
  Ladder planted = ladder();
  for (auto& each : planted.rungs) each.value -= .6;  // -.5 .. .4
  planted.rungs[5].lo = planted.rungs[5].hi = kUnknown;
  planted.highest = "trivial";  // at -.3
  EXPECT_EQ(shared_part(planted), 0);
  const auto lines = lines_of(ladder_text(planted));
  EXPECT_EQ(occurrences(lines[8], "▒"), 0U);
  EXPECT_EQ(bars(ladder_chart(planted), "shared").size(), 0U);
  const auto first_bar = [&](size_t i) { return lines[i].find("█"); };
  const auto last_bar = [&](size_t i) {
    return text_width(lines[i].substr(0, lines[i].rfind("█")));
  };
  EXPECT_LT(first_bar(3), first_bar(4)) << "-.5 reaches further left than -.4";
  EXPECT_EQ(last_bar(3), last_bar(4)) << "both end at 0";
}

TEST(LadderText, SurvivesAnEmptyLadderAndBytesThatAreNoText) {
  EXPECT_THAT(ladder_text(Ladder{}), HasSubstr("excess"));
  Ladder planted = ladder();
  planted.model_a = planted.rungs[2].from = planted.wording = "bad \xff bytes";
  const std::string text = ladder_text(planted);
  EXPECT_EQ(clean_utf8(text).size(), text.size()) << "line ends become spaces, all else stays";
}

TEST(LadderChart, DrawsEveryRungOnOneScale) {
  const std::string html = ladder_chart(ladder());
  const Scale scale = ladder_scale(ladder());
  const auto wide = [&](double value) { return 97 * value / scale.high; };
  const auto fills = bars(html, "fill");  // chance, selection, trivial, classes, score, excess
  ASSERT_EQ(fills.size(), 6U);
  const std::array<double, 6> values{.1, .2, .3, .7, 1, .5};
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(fills[i].second, wide(values[i]), .02);
  ASSERT_EQ(bars(html, "high").size(), 1U);
  EXPECT_NEAR(bars(html, "high")[0].second, wide(.5), .02);
  EXPECT_NEAR(fills[5].first, 1.5 + wide(.5), .02) << "the excess begins at the baseline";
  EXPECT_NEAR(bars(html, "left")[0].first, 1.5 + wide(.7), .02);
  EXPECT_NEAR(bars(html, "left")[0].second, wide(.3), .02);
  EXPECT_NEAR(bars(html, "shared")[0].second, wide(.5), .02);
  EXPECT_THAT(html, AllOf(HasSubstr("random-a × b · the highest baseline"),
                          HasSubstr("leaves .300"), HasSubstr("<small>.400 – .600</small>")));
}

TEST(LadderChart, ADistancesExcessLiesBeforeTheBaseline) {
  const std::string html = ladder_chart(mirrored());
  const Scale scale = ladder_scale(mirrored());
  const auto fills = bars(html, "fill");
  EXPECT_NEAR(fills.back().first, 1.5 + 97 * .5 / scale.high, .02);
  EXPECT_NEAR(fills.back().second, 97 * .5 / scale.high, .02);
  EXPECT_EQ(bars(html, "shared").size(), 0U);
  EXPECT_THAT(html, HasSubstr("the smallest baseline"));
}

TEST(LadderChart, AScoreBelowItsBaselineFallsShort) {
  Ladder planted = ladder();
  planted.rungs[5].value = .4;
  planted.excess = -.1;
  const std::string html = ladder_chart(planted);
  const Scale scale = ladder_scale(planted);
  ASSERT_EQ(bars(html, "short").size(), 1U);
  EXPECT_NEAR(bars(html, "short")[0].first, 1.5 + 97 * .4 / scale.high, .02);
}

TEST(LadderChart, AMissingRungIsDrawnAsMissingWithItsReason) {
  Ladder planted = ladder();
  planted.rungs[2].value = kUnknown;
  planted.rungs[2].missing = "no trivial encoder was compared";
  planted.excess = planted.excess_lo = planted.excess_hi = kUnknown;
  planted.excess_missing = "nothing to compare <with>";
  const std::string html = ladder_chart(planted);
  EXPECT_THAT(html,
              AllOf(HasSubstr("<li class=\"trivial missing\">"),
                    HasSubstr("<small>no trivial encoder was compared</small>"),
                    HasSubstr("<line class=\"none\""), HasSubstr("<li class=\"excess missing\">"),
                    HasSubstr("nothing to compare &lt;with&gt;"), Not(HasSubstr("nan"))));
}

TEST(LadderSection, LeadsWithTheLargestExcessAndListsAll) {
  StudyResult study;
  for (const double excess : {.1, kUnknown, .3, .2}) {
    Ladder each = ladder();
    each.model_a = std::isnan(excess) ? "unknown" : "a" + score_text(excess);
    each.excess = excess;
    study.ladders.push_back(each);
  }
  std::vector<std::string> order;
  for (const auto* each : by_excess(study.ladders)) order.push_back(each->model_a);
  EXPECT_THAT(order, ElementsAre("a.300", "a.200", "a.100", "unknown"));
  const std::string html = ladder_section(StudyView(study));
  EXPECT_THAT(html, HasSubstr("<figcaption><strong>a.300 × text-model</strong>"));
  EXPECT_EQ(occurrences(html, "<figure"), 1U);
  EXPECT_EQ(occurrences(html, "<tr><th scope=\"row\">"), 4U);
  EXPECT_THAT(html, HasSubstr("<td class=\"n high\">.500</td>"));
  EXPECT_THAT(html, HasSubstr("<p class=\"quote\">1.000 [0.900, 1.000] is 0.500"));
}

TEST(LadderSection, TellsEachReasonOnceAndForWhom) {
  StudyResult study;
  for (const char* name : {"one", "two", "three"}) {
    Ladder each = ladder();
    each.model_a = name;
    each.rungs[0].value = kUnknown;
    each.rungs[0].missing = "no exact chance level";
    study.ladders.push_back(each);
  }
  study.ladders[1].rungs[4].value = study.ladders[1].instances = kUnknown;
  study.ladders[1].rungs[4].missing = "no class ids";
  const std::string html = ladder_section(StudyView(study));
  EXPECT_THAT(html, HasSubstr("<li>the chance: no exact chance level</li>"));
  EXPECT_THAT(html, HasSubstr("<li>the classes: no class ids (two × text-model)</li>"));
}

TEST(LadderSection, ManyPairsAreFolded) {
  StudyResult study;
  study.ladders.assign(30, ladder());
  EXPECT_THAT(ladder_section(StudyView(study)),
              HasSubstr("<summary>6 pairs with a smaller excess</summary>"));
}

TEST(LadderSection, IsAbsentWithoutLaddersAndTellsOfUndefinedOnes) {
  StudyResult study;
  EXPECT_EQ(ladder_section(StudyView(study)), "");
  study.ladders.push_back(ladder());
  study.ladders[0].rungs[5].value = study.ladders[0].excess = kUnknown;
  study.ladders[0].rungs[5].missing = "k >= n";
  const std::string html = ladder_section(StudyView(study));
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<figure")), HasSubstr("the score: k &gt;= n")));
}

TEST(LadderSection, StandsRightAfterTheLead) {
  const std::string page = render_html(planted::realistic_study());
  const size_t at = page.find("<section id=\"ladder\">");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(page.find("<section id="), at);
  EXPECT_THAT(page, HasSubstr("<a href=\"#ladder\">One score, taken apart</a>"));
}

}  // namespace
}  // namespace consilience::engine
