#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "engine/metrics/metric.h"
#include "tools/cli/command.h"
#include "tools/cli/text.h"

namespace consilience::cli {
namespace {

std::string needs(const engine::MetricInfo& metric) {
  switch (metric.needs) {
    case engine::Needs::graphs:
      return "neighbour graphs";
    case engine::Needs::features:
      return "features";
    case engine::Needs::both:
      return "neighbour graphs and features";
  }
  return "";
}

std::string range(const engine::MetricInfo& metric) {
  const auto end = [](double value) {
    return std::isinf(value) ? std::string(value < 0 ? "-inf" : "inf") : fmt::format("{}", value);
  };
  return fmt::format("{} .. {}, {} is closer", end(metric.lowest), end(metric.highest),
                     metric.larger_is_closer ? "larger" : "smaller");
}

std::string domain(const engine::ParameterInfo& parameter) {
  if (!parameter.words.empty()) return fmt::format("{}", fmt::join(parameter.words, " | "));
  if (parameter.lowest > parameter.highest || parameter.accepts != nullptr) return "text";
  const auto end = [](double value) {
    return std::isinf(value) ? std::string("inf") : fmt::format("{}", value);
  };
  return fmt::format("{}{} .. {}", parameter.whole ? "whole, " : "", end(parameter.lowest),
                     end(parameter.highest));
}

engine::Json as_json(const engine::MetricInfo& metric) {
  engine::Json parameters = engine::Json::array();
  for (const auto& p : metric.parameters)
    parameters.push_back({{"name", p.name},
                          {"default", p.default_text},
                          {"values", domain(p)},
                          {"meaning", p.meaning}});
  const auto number = [](double value) {
    return std::isinf(value) ? engine::Json() : engine::Json(value);
  };
  return {{"name", metric.name},
          {"family", metric.family},
          {"summary", metric.summary},
          {"formula", metric.formula},
          {"parameters", parameters},
          {"preprocess", metric.preprocess},
          {"spaces", metric.spaces},
          {"symmetric", metric.symmetric},
          {"larger_is_closer", metric.larger_is_closer},
          {"lowest", number(metric.lowest)},
          {"highest", number(metric.highest)},
          {"needs", needs(metric)},
          {"invariances", metric.invariances},
          {"cost", metric.cost},
          {"chance", metric.chance},
          {"undefined", metric.undefined},
          {"pitfalls", metric.pitfalls},
          {"source", metric.source}};
}

int list(const Globals& globals) {
  engine::Json rows = engine::Json::array();
  std::string text;
  std::string_view family;
  for (const auto& metric : engine::metric_table()) {
    rows.push_back(as_json(metric));
    if (metric.family != family) {
      family = metric.family;
      text += fmt::format("{}{}\n", text.empty() ? "" : "\n", family);
    }
    text += fmt::format("  {:<34}{}\n", metric.name, wrapped(metric.summary, 36, 64));
  }
  if (globals.json) {
    print_json(rows);
    return 0;
  }
  print(text +
        "\n'consilience metrics NAME' explains one: formula, parameters, chance level, "
        "pitfalls, source.\n");
  return 0;
}

int explain(const std::string& name, const Globals& globals) {
  const engine::MetricInfo& metric = engine::metric_info(name);
  if (globals.json) {
    print_json(as_json(metric));
    return 0;
  }
  std::string out = fmt::format("{}: {}\n\n", metric.name, metric.summary);
  const auto line = [&](std::string_view what, std::string_view text) {
    if (!text.empty()) out += fmt::format("  {:<14}{}\n", what, wrapped(text, 16, 80));
  };
  line("formula", metric.formula);
  for (const auto& p : metric.parameters)
    line(&p == metric.parameters.data() ? "parameters" : "",
         fmt::format("{} = {} ({}): {}", p.name, p.default_text, domain(p), p.meaning));
  line("preprocess", metric.preprocess);
  line("range", range(metric));
  line("symmetric", metric.spaces == 1 ? "" : metric.symmetric ? "yes" : "no");
  line("invariant to", metric.invariances);
  line("needs", needs(metric));
  line("cost", metric.cost);
  line("chance", metric.chance);
  line("undefined", metric.undefined);
  line("pitfalls", metric.pitfalls);
  line("source", metric.source);
  print(out);
  return 0;
}

}  // namespace

void add_metrics(CLI::App& app, Globals& globals, Action& action) {
  CLI::App* verb = add_verb(app, "metrics", "list the metrics, or explain one",
                            "consilience metrics\n  consilience metrics cka_linear_debiased");
  auto name = std::make_shared<std::string>();
  verb->add_option("name", *name, "a metric");
  verb->callback([=, &globals, &action] {
    if (name->empty())
      action = [&globals] { return list(globals); };
    else
      action = [=, &globals] { return explain(*name, globals); };
  });
}

}  // namespace consilience::cli
