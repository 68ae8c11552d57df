#include "engine/toml_reader.h"

#include <fmt/ranges.h>

#include <cmath>

#include "engine/base/nearest.h"

namespace consilience::engine {
namespace {

const toml::table& empty_table() {
  static const toml::table empty;
  return empty;
}

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

}  // namespace

TomlReader::TomlReader(const toml::table& table, std::string file, std::string path)
    : table_(&table), file_(std::move(file)), path_(std::move(path)) {}

std::string TomlReader::full(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void TomlReader::refuse(const std::string& key, const std::string& problem) const {
  const toml::node* at = table_->get(key);
  const auto line = at ? at->source().begin.line : table_->source().begin.line;
  fail(Failure::usage, "{}, line {}: {} {}", file_, line, full(key), problem);
}

const toml::node* TomlReader::node(const std::string& key) {
  known_.insert(key);
  return table_->get(key);
}

std::string TomlReader::text(const std::string& key, const std::string& fallback) {
  const auto* value = node(key);
  if (!value) return fallback;
  if (!value->is_string()) refuse(key, "must be a text, not " + type_name(*value));
  return value->as_string()->get();
}

int64_t TomlReader::integer(const std::string& key, int64_t fallback, int64_t least, int64_t most) {
  const auto* value = node(key);
  if (!value) return fallback;
  if (!value->is_integer()) refuse(key, "must be a whole number, not " + type_name(*value));
  const int64_t number = value->as_integer()->get();
  if (number < least || number > most)
    refuse(key, fmt::format("must be between {} and {}, not {}", least, most, number));
  return number;
}

bool TomlReader::flag(const std::string& key, bool fallback) {
  const auto* value = node(key);
  if (!value) return fallback;
  if (!value->is_boolean()) refuse(key, "must be true or false, not " + type_name(*value));
  return value->as_boolean()->get();
}

double TomlReader::number(const std::string& key, double fallback, double least, double most) {
  const auto* value = node(key);
  if (!value) return fallback;
  const auto number = value->value<double>();
  if (!value->is_number() || !number) refuse(key, "must be a number, not " + type_name(*value));
  if (!(*number >= least && *number <= most))
    refuse(key, fmt::format("must be between {} and {}, not {}", least, most, *number));
  return *number;
}

std::vector<std::string> TomlReader::texts(const std::string& key,
                                           const std::vector<std::string>& fallback) {
  const auto* value = node(key);
  if (!value) return fallback;
  std::vector<std::string> out;
  if (const auto* list = value->as_array()) {
    for (const auto& entry : *list) {
      if (!entry.is_string()) refuse(key, "must be a list of texts; it holds " + type_name(entry));
      out.push_back(entry.as_string()->get());
    }
  }
  if (out.empty()) refuse(key, "must be a list of at least one text, not " + type_name(*value));
  return out;
}

size_t TomlReader::choice(const std::string& key, const std::vector<std::string>& choices,
                          size_t fallback) {
  if (!has(key)) {
    known_.insert(key);
    return fallback;
  }
  const std::string value = text(key, "");
  for (size_t i = 0; i < choices.size(); ++i)
    if (choices[i] == value) return i;
  refuse(key,
         fmt::format("must be one of \"{}\", not \"{}\"", fmt::join(choices, "\", \""), value));
}

TomlReader TomlReader::table(const std::string& key) {
  const auto* value = node(key);
  if (!value) return {empty_table(), file_, full(key)};
  if (!value->is_table()) refuse(key, "must be a table, not " + type_name(*value));
  return {*value->as_table(), file_, full(key)};
}

std::vector<TomlReader> TomlReader::tables(const std::string& key) {
  const auto* value = node(key);
  std::vector<TomlReader> out;
  if (!value) return out;
  const auto* list = value->as_array();
  if (!list)
    refuse(key, fmt::format("must be written as [[{}]], not as {}", full(key), type_name(*value)));
  for (const auto& entry : *list) {
    if (!entry.is_table()) refuse(key, fmt::format("must be written as [[{}]]", full(key)));
    out.emplace_back(*entry.as_table(), file_, full(key));
  }
  return out;
}

void TomlReader::finish() const {
  for (const auto& [key, value] : *table_) {
    const std::string word(key.str());
    if (known_.contains(word)) continue;
    const std::vector<std::string> known(known_.begin(), known_.end());
    fail(Failure::usage, "{}, line {}: unknown key {}{}; known here: {}", file_,
         key.source().begin.line, full(word), did_you_mean(word, known), fmt::join(known, ", "));
  }
}

}  // namespace consilience::engine
