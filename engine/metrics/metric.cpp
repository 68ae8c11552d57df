#include "engine/metrics/metric.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int kLargestK = 1024;

constexpr std::array kMetrics = {
    MetricInfo{
        .name = "mutual_knn",
        .parameters = "k: neighbours, 1 .. 1024, default 10",
        .symmetric = true,
        .lowest = 0,
        .highest = 1,
        .needs = "neighbour graphs of at least k",
        .invariances = "under cosine: orthogonal maps, a common factor, a factor per row; under "
                       "euclidean: also a common shift, but no factor per row",
        .chance = "k / (n - 1), exactly, under any relabelling",
        .undefined = "k >= n, a constant layer, a zero row under l2",
        .source = "Huh et al., The Platonic Representation Hypothesis, ICML 2024, equation 11: the "
                  "mean over samples of |A's k neighbours and B's k neighbours in common| / k",
    },
};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string known_names() {
  std::string names;
  for (const auto& metric : kMetrics) {
    if (!names.empty()) names += ", ";
    names += metric.name;
  }
  return names;
}

void read_parameter(std::string_view text, std::string_view assignment, MetricSpec& spec) {
  const auto equals = assignment.find('=');
  const std::string_view key = trim(assignment.substr(0, equals));
  if (equals == std::string_view::npos || key != "k")
    fail(Failure::usage, "metric '{}': '{}' is no parameter of {}; it takes k, as in {}(k=10)",
         text, key, spec.name, spec.name);
  const std::string_view value = trim(assignment.substr(equals + 1));
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), spec.k);
  if (error != std::errc{} || end != value.data() + value.size() || spec.k < 1 ||
      spec.k > kLargestK)
    fail(Failure::usage, "metric '{}': k is '{}'; expected a whole number from 1 to {}", text,
         value, kLargestK);
}

}  // namespace

std::span<const MetricInfo> metric_table() { return kMetrics; }

MetricSpec parse_metric(std::string_view text) {
  const std::string_view all = trim(text);
  const auto open = all.find('(');
  MetricSpec spec;
  spec.name = trim(all.substr(0, open));
  if (std::ranges::find(kMetrics, spec.name, &MetricInfo::name) == kMetrics.end())
    fail(Failure::usage, "metric '{}': there is no metric '{}'; known: {}", text, spec.name,
         known_names());
  if (open == std::string_view::npos) return spec;
  if (all.back() != ')')
    fail(Failure::usage, "metric '{}': the parenthesis is not closed; expected {}(k=10)", text,
         spec.name);
  const std::string_view parameters = trim(all.substr(open + 1, all.size() - open - 2));
  if (!parameters.empty()) read_parameter(text, parameters, spec);
  return spec;
}

std::string metric_text(const MetricSpec& metric) {
  return fmt::format("{}(k={})", metric.name, metric.k);
}

std::string printed_name(const MetricSpec& metric, int64_t n, const std::string& conditioning) {
  return fmt::format("{}(k={}, n={}, {})", metric.name, metric.k, n, conditioning);
}

std::string printed_name(const PairScore& score) {
  return printed_name(score.metric, score.n, score.conditioning);
}

int graph_neighbors(std::span<const MetricSpec> metrics, int64_t n) {
  expect(!metrics.empty(), "no metrics, so no k to build graphs with");
  int smallest = kLargestK;
  int largest = 0;
  for (const auto& metric : metrics) {
    smallest = std::min(smallest, metric.k);
    if (metric.k < n) largest = std::max(largest, metric.k);
  }
  return largest > 0 ? largest : smallest;
}

}  // namespace consilience::engine
