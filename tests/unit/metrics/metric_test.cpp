#include "engine/metrics/metric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;

std::string parse_error(const std::string& text) {
  try {
    (void)parse_metric(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::usage);
    return error.what();
  }
  return "no error";
}

TEST(Metric, ParsesWithAndWithoutParameters) {
  EXPECT_EQ(parse_metric("mutual_knn(k=10)"), (mutual_knn(10)));
  EXPECT_EQ(parse_metric(" mutual_knn( k = 50 ) "), (mutual_knn(50)));
  EXPECT_EQ(parse_metric("mutual_knn"), (mutual_knn(10)));
  EXPECT_EQ(parse_metric("mutual_knn()"), (mutual_knn(10)));
}

TEST(Metric, ReadsWhatItWrites) {
  for (const auto& metric : metric_table()) {
    SCOPED_TRACE(metric.name);
    MetricSpec spec = parse_metric(metric.name);
    EXPECT_EQ(parse_metric(metric_text(spec)), spec);
    spec.preprocess = "centre+l2";
    if (spec.has("k")) spec.params["k"] = "37";
    EXPECT_EQ(parse_metric(metric_text(spec)), spec);
  }
}

TEST(Metric, ErrorsSayWhatIsWrong) {
  EXPECT_THAT(parse_error("mutual_nn(k=10)"),
              HasSubstr("no metric 'mutual_nn' (did you mean 'mutual_knn'?)"));
  EXPECT_THAT(parse_error(""), HasSubstr("'consilience metrics' lists them"));
  EXPECT_THAT(parse_error("mutual_knn(j=10)"), HasSubstr("'j' is no parameter of mutual_knn"));
  for (const char* metric : {"mutual_knn", "cka_linear_debiased", "rsa_pearson"})
    EXPECT_THAT(parse_error(std::string(metric) + "(preprocess=standardise)"),
                HasSubstr("has no preprocess=standardise; it is one of conditioned"));
  EXPECT_EQ(parse_metric("svcca_rank(preprocess=standardise)").preprocess, "standardise");
  EXPECT_THAT(parse_error("mutual_knn(10)"), HasSubstr("'10' has no value; expected name=value"));
  EXPECT_THAT(parse_error("mutual_knn(k=10"), HasSubstr("parenthesis is not closed"));
  for (const char* k : {"0", "-1", "1025", "10.5", "ten", "", "99999999999"})
    EXPECT_THAT(parse_error("mutual_knn(k=" + std::string(k) + ")"),
                HasSubstr("expected a whole number from 1 to 1024"));
}

TEST(Metric, PrintedNameCarriesWhatTheValueDependsOn) {
  EXPECT_EQ(printed_name(mutual_knn(10), 1024, "clamp=0.95/layer, l2"),
            "mutual_knn(k=10, n=1024, clamp=0.95/layer, l2)");
}

TEST(Metric, GraphsServeTheLargestKThatTheRowsAllow) {
  const std::vector<MetricSpec> metrics = {mutual_knn(10), mutual_knn(100)};
  EXPECT_EQ(graph_neighbors(metrics, 800), 100);
  EXPECT_EQ(graph_neighbors(metrics, 100), 10);
  EXPECT_EQ(graph_neighbors(metrics, 10), 10);
}

}  // namespace
}  // namespace consilience::engine
