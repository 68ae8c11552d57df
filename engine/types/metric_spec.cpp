#include "engine/types/metric_spec.h"

#include <charconv>

#include "kernels/base/error.h"

namespace consilience::engine {

const std::string& MetricSpec::word(const std::string& parameter) const {
  const auto found = params.find(parameter);
  expect(found != params.end(), "{} has no parameter {}", name, parameter);
  return found->second;
}

double MetricSpec::number(const std::string& parameter) const {
  const std::string& text = word(parameter);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  expect(error == std::errc{} && end == text.data() + text.size(), "{}: {} = '{}' is no number",
         name, parameter, text);
  return value;
}

int MetricSpec::k() const { return has("k") ? static_cast<int>(number("k")) : 0; }

std::string parameters_text(const MetricSpec& metric) {
  std::string text;
  for (const auto& [name, value] : metric.params) {
    if (value == "auto" || value == "as graph") continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name, value);
  }
  return text;
}

MetricSpec mutual_knn(int k) {
  MetricSpec spec;
  spec.params["k"] = std::to_string(k);
  return spec;
}

}  // namespace consilience::engine
