#include "engine/metrics/named_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/metrics/metric.h"

namespace consilience::engine {
namespace {

TEST(NamedMetrics, AllHasEveryMetricOnceADirection) {
  const auto all = all_metrics();
  std::set<std::string> texts, names;
  for (const auto& metric : all) {
    EXPECT_TRUE(texts.insert(metric_text(metric)).second) << metric_text(metric);
    names.insert(metric.name);
  }
  EXPECT_EQ(names.size(), metric_table().size());
  EXPECT_TRUE(texts.contains("cycle_knn(A=x, B=y, k=10)"));
  EXPECT_TRUE(texts.contains("cycle_knn(A=y, B=x, k=10)"));
  EXPECT_TRUE(texts.contains("rankme(epsilon=1e-07, of=x)"));
  EXPECT_TRUE(texts.contains("rankme(epsilon=1e-07, of=y)"));
}

TEST(NamedMetrics, TheHeadlineIsMutualKnn) {
  EXPECT_EQ(usual_metrics().front(), mutual_knn(10));
  EXPECT_EQ(usual_metrics().size(), 14u);
}

/// The table is what `consilience metrics` prints and what the report quotes.
TEST(MetricTable, EveryEntryIsWhole) {
  std::set<std::string_view> names;
  for (const auto& metric : metric_table()) {
    SCOPED_TRACE(metric.name);
    EXPECT_TRUE(names.insert(metric.name).second);
    for (const auto text :
         {metric.family, metric.summary, metric.formula, metric.invariances, metric.cost,
          metric.chance, metric.undefined, metric.pitfalls, metric.source})
      EXPECT_FALSE(text.empty());
    EXPECT_LT(metric.lowest, metric.highest);
    EXPECT_NE(metric.prepare, nullptr);
    for (const auto& parameter : metric.parameters) EXPECT_FALSE(parameter.meaning.empty());
    EXPECT_EQ(neighbors_needed(parse_metric(metric.name)) > 0, metric.needs != Needs::features);
  }
}

}  // namespace
}  // namespace consilience::engine
