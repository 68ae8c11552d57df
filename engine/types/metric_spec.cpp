#include "engine/types/metric_spec.h"

#include <charconv>
#include <utility>

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

MetricSpec from_other_side(MetricSpec metric) {
  const auto turn = [&](const char* parameter, const char* one, const char* other) {
    const auto found = metric.params.find(parameter);
    if (found == metric.params.end()) return;
    if (found->second == one)
      found->second = other;
    else if (found->second == other)
      found->second = one;
  };
  turn("direction", "x->y", "y->x");
  turn("weights", "x", "y");
  if (metric.has("A") && metric.has("B")) std::swap(metric.params["A"], metric.params["B"]);
  return metric;
}

MetricSpec mutual_knn(int k) {
  MetricSpec spec;
  spec.params["k"] = std::to_string(k);
  return spec;
}

}  // namespace consilience::engine
