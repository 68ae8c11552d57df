#include "engine/report/format.h"

#include <gtest/gtest.h>

#include <limits>

namespace consilience::engine {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Format, Scores) {
  EXPECT_EQ(score_text(.1734), ".173");
  EXPECT_EQ(score_text(-.0124), "−.012");
  EXPECT_EQ(score_text(-.0001), ".000");
  EXPECT_EQ(score_text(.9996), "1.000");
  EXPECT_EQ(score_text(12.5), "12.500");
  EXPECT_EQ(score_text(12345.678), "12345.7");
  EXPECT_EQ(score_text(-1.5e7), "−1.500e+07");
  EXPECT_EQ(score_text(kNan), "—");
}

TEST(Format, ShortestReadsBack) {
  EXPECT_EQ(shortest(.1), "0.1");
  EXPECT_EQ(shortest(kNan), "");
  EXPECT_EQ(std::stod(shortest(1.0 / 3)), 1.0 / 3);
}

TEST(Format, CountsAndQuantities) {
  EXPECT_EQ(count_text(12), "12");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-1234), "-1,234");
  EXPECT_EQ(quantity_text(4.65e6), "4.65 M");
  EXPECT_EQ(quantity_text(134.5e6), "134 M");
  EXPECT_EQ(quantity_text(0), "—");
  EXPECT_EQ(counted(1, "pair"), "1 pair");
  EXPECT_EQ(counted(2000, "pair"), "2,000 pairs");
}

TEST(Format, CleansBytesThatAreNoText) {
  EXPECT_EQ(clean_utf8("a\xff z"), "a\xEF\xBF\xBD z");
  EXPECT_EQ(clean_utf8("\xC3"), "\xEF\xBF\xBD");
  EXPECT_EQ(clean_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "overlong";
  EXPECT_EQ(clean_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD") << "surrogate";
  EXPECT_EQ(clean_utf8("line\nend\x01"), "line end\xEF\xBF\xBD");
  EXPECT_EQ(clean_utf8("中文 é 🐈"), "中文 é 🐈");
}

TEST(Format, EscapesWhatHtmlReads) {
  EXPECT_EQ(escape_html(R"(<a href="x">'&)"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

TEST(Format, QuotesCsvOnlyWhereNeeded) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,\"b\"\r\n"), "\"a,\"\"b\"\"\r\n\"");
}

TEST(Format, ShortensInTheMiddleByCodePoints) {
  EXPECT_EQ(shorten("efficientnet", 12), "efficientnet");
  EXPECT_EQ(shorten("efficientnet-lite0", 9), "effi…ite0");
  EXPECT_EQ(shorten("ééééé", 3), "é…é");
}

TEST(Format, AlignsByCodePointsAndWrapsAtSpaces) {
  EXPECT_EQ(left_aligned("é×", 4), "é×  ");
  EXPECT_EQ(right_aligned("é×", 4), "  é×");
  EXPECT_EQ(right_aligned("long", 2), "long");
  EXPECT_EQ(wrapped("one two three", 7, "> "), "> one two\n> three\n");
  EXPECT_EQ(wrapped("a verylongword b", 6, ""), "a\nverylongword\nb\n");
  EXPECT_EQ(wrapped("", 6, "> "), "");
}

TEST(Format, ListsAFewNames) {
  EXPECT_EQ(listed({}), "");
  EXPECT_EQ(listed({"a"}), "a");
  EXPECT_EQ(listed({"a", "b"}), "a and b");
  EXPECT_EQ(listed({"a", "b", "c", "d", "e"}), "a, b, c and 2 more");
}

}  // namespace
}  // namespace consilience::engine
