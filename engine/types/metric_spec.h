#pragma once
#include <map>
#include <string>

namespace consilience::engine {

/// A metric with all its parameters, as text in canonical form ("10", "0.5 x median"), and what is
/// done to the features before it: see engine/metrics/preprocess.h. Made by parse_metric.
struct MetricSpec {
  std::string name = "mutual_knn";
  std::map<std::string, std::string> params = {
      {"k", "10"}, {"similarity", "auto"}, {"groups", "as graph"}};
  std::string preprocess = "conditioned";

  /// The parameter as a number or a word. Throws Error(never) when the metric has none of that name
  /// or it is no number.
  [[nodiscard]] double number(const std::string& parameter) const;
  [[nodiscard]] const std::string& word(const std::string& parameter) const;
  [[nodiscard]] bool has(const std::string& parameter) const { return params.contains(parameter); }
  /// Neighbours a row; 0 for a metric without lists.
  [[nodiscard]] int k() const;

  bool operator==(const MetricSpec&) const = default;
};

/// "k=10, sigma=0.5 x median": the parameters without those left to themselves.
[[nodiscard]] std::string parameters_text(const MetricSpec& metric);

/// The metric of (b, a) that equals this one of (a, b): directions and sides turned. Metrics
/// without either are the same from both sides.
[[nodiscard]] MetricSpec from_other_side(MetricSpec metric);

/// mutual_knn with this k.
[[nodiscard]] MetricSpec mutual_knn(int k);

}  // namespace consilience::engine
