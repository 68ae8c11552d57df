#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

#include "engine/metrics/metric.h"
#include "engine/metrics/preprocess.h"
#include "kernels/base/error.h"

#include <fmt/ranges.h>

namespace consilience::engine {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string number_text(double value) {
  return value == std::round(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

/// What a parameter may be, in words.
std::string expected(const ParameterInfo& parameter) {
  if (!parameter.words.empty()) return fmt::format("one of {}", fmt::join(parameter.words, ", "));
  if (parameter.accepts != nullptr) return std::string(parameter.meaning);
  return fmt::format("a {}number from {} to {}", parameter.whole ? "whole " : "",
                     number_text(parameter.lowest), number_text(parameter.highest));
}

/// `value` in canonical form. `where` opens the message.
std::string read_value(const std::string& where, const ParameterInfo& parameter,
                       std::string_view value) {
  const auto refuse = [&]() {
    fail(Failure::usage, "{}: {} is '{}'; expected {}", where, parameter.name, value,
         expected(parameter));
  };
  if (!parameter.words.empty() || parameter.accepts != nullptr) {
    const bool known = std::ranges::find(parameter.words, value) != parameter.words.end() ||
                       (parameter.accepts != nullptr && parameter.accepts(value));
    if (!known) refuse();
    return std::string(value);
  }
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool in_range = number >= parameter.lowest && number <= parameter.highest;
  if (error != std::errc{} || end != value.data() + value.size() || !in_range ||
      (parameter.whole && number != std::round(number)))
    refuse();
  return number_text(number);
}

MetricSpec with_defaults(const MetricInfo& info) {
  MetricSpec spec;
  spec.name = info.name;
  spec.params.clear();
  spec.preprocess = info.preprocess;
  for (const auto& parameter : info.parameters)
    spec.params[std::string(parameter.name)] = parameter.default_text;
  return spec;
}

void set_parameter(const std::string& where, const MetricInfo& info, std::string_view name,
                   std::string_view value, MetricSpec& spec) {
  if (name == "preprocess") {
    spec.preprocess = parse_preprocess(value);
    // The other families work on conditioned features, and conditioning has no column scales.
    if (spec.preprocess == "standardise" && info.family != "alignment" &&
        info.family != "one space")
      fail(Failure::usage, "{}: {} has no preprocess=standardise; it is one of {}", where,
           info.name,
           fmt::join(std::span(preprocess_words()).first(preprocess_words().size() - 1), ", "));
    return;
  }
  const auto found = std::ranges::find(info.parameters, name, &ParameterInfo::name);
  if (found == info.parameters.end()) {
    std::vector<std::string_view> known;
    for (const auto& parameter : info.parameters) known.push_back(parameter.name);
    known.push_back("preprocess");
    fail(Failure::usage, "{}: '{}' is no parameter of {}; it takes {}", where, name, info.name,
         fmt::join(known, ", "));
  }
  spec.params[std::string(name)] = read_value(where, *found, value);
}

/// "a=1, b=x, y, c=2" -> a, b, c: a comma separates only where a name and '=' follow.
std::vector<std::string_view> assignments(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') continue;
    const std::string_view rest = text.substr(i + 1);
    if (rest.substr(0, rest.find(',')).find('=') == std::string_view::npos) continue;
    parts.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  parts.push_back(trim(text.substr(begin)));
  return parts;
}

/// Parameters that the golden values write in other words.
std::pair<std::string, std::string> in_our_words(std::string_view metric, std::string name,
                                                 std::string value) {
  if (name == "similarity" && value == "neg. euclidean") return {name, "euclidean"};
  if (metric == "linear_regression_r2" && name == "x")
    return {"direction", value == "predictor y" ? "y->x" : "x->y"};
  return {std::move(name), std::move(value)};
}

/// Short names, as papers say them.
std::string_view our_name(std::string_view name) {
  if (name == "cknna") return "cknna_eq16";
  if (name == "cknna_prh") return "cknna_prh_code";
  return name;
}

bool says_the_same_again(std::string_view metric, std::string_view name) {
  return metric == "linear_regression_r2" && name == "y";
}

}  // namespace

MetricSpec parse_metric(std::string_view text) {
  const std::string where = fmt::format("metric '{}'", text);
  const std::string_view all = trim(text);
  const auto open = all.find('(');
  const MetricInfo& info = metric_info(our_name(trim(all.substr(0, open))));
  MetricSpec spec = with_defaults(info);
  if (open == std::string_view::npos) return spec;
  if (all.back() != ')')
    fail(Failure::usage, "{}: the parenthesis is not closed; expected {}(name=value, ..)", where,
         spec.name);
  const std::string_view inside = trim(all.substr(open + 1, all.size() - open - 2));
  if (inside.empty()) return spec;
  for (const std::string_view assignment : assignments(inside)) {
    const auto equals = assignment.find('=');
    if (equals == std::string_view::npos)
      fail(Failure::usage, "{}: '{}' has no value; expected name=value", where, assignment);
    set_parameter(where, info, trim(assignment.substr(0, equals)),
                  trim(assignment.substr(equals + 1)), spec);
  }
  return spec;
}

MetricSpec metric_from_json(const Json& request) {
  if (!request.is_object() || !request.contains("metric") || !request["metric"].is_string())
    fail(Failure::usage, "a request is an object with a \"metric\"; this one is {}",
         request.dump().substr(0, 80));
  const auto name = request["metric"].get<std::string>();
  const MetricInfo& info = metric_info(our_name(name));
  const std::string where = fmt::format("metric '{}'", name);
  MetricSpec spec = with_defaults(info);
  const Json params = request.value("params", Json::object());
  if (!params.is_object())
    fail(Failure::usage, "{}: params is {}; expected an object", where, params.dump());
  for (const auto& [key, value] : params.items()) {
    if (says_the_same_again(name, key)) continue;
    const auto [parameter, text] =
        in_our_words(name, key, value.is_string() ? value.get<std::string>() : value.dump());
    set_parameter(where, info, parameter, text, spec);
  }
  if (request.contains("preprocess")) {
    if (!request["preprocess"].is_string())
      fail(Failure::usage, "{}: preprocess is {}; expected a word", where,
           request["preprocess"].dump());
    set_parameter(where, info, "preprocess", request["preprocess"].get<std::string>(), spec);
  }
  return spec;
}

}  // namespace consilience::engine
