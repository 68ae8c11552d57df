#include "models/json_fields.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "kernels/base/error.h"

namespace consilience::models {
namespace {

using nlohmann::json;

bool parse_decimal(const std::string& text, double& value) {
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stop == end && std::isfinite(value);
}

}  // namespace

Fields::Fields(const json& object, std::string file, std::string path)
    : object_(object), file_(std::move(file)), path_(std::move(path)) {
  if (!object_.is_object())
    fail(Failure::never, "{}: {} must be an object, found {}", file_,
         path_.empty() ? "the card" : path_, object_.type_name());
}

std::string Fields::name(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void Fields::complain(const std::string& key, const std::string& expected) const {
  const auto found = object_.find(key);
  std::string value = "nothing";
  if (found != object_.end())
    value = found->dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 80);
  fail(Failure::never, "{}: key {}: expected {}, found {}", file_, name(key), expected, value);
}

bool Fields::has(const std::string& key) const { return object_.contains(key); }

const json& Fields::any(const std::string& key) const {
  const auto found = object_.find(key);
  if (found == object_.end()) fail(Failure::never, "{}: key {} is missing", file_, name(key));
  return *found;
}

Fields Fields::object(const std::string& key) const { return {any(key), file_, name(key)}; }

std::vector<Fields> Fields::objects(const std::string& key) const {
  if (!any(key).is_array()) complain(key, "a list of objects");
  std::vector<Fields> list;
  for (const json& item : any(key))
    list.emplace_back(item, file_, name(key) + "[" + std::to_string(list.size()) + "]");
  return list;
}

std::string Fields::text(const std::string& key) const {
  if (!any(key).is_string() || any(key).get_ref<const std::string&>().empty())
    complain(key, "a string that is not empty");
  return any(key).get<std::string>();
}

std::vector<std::string> Fields::texts(const std::string& key) const {
  const json& list = any(key);
  if (!list.is_array() ||
      !std::all_of(list.begin(), list.end(), [](const json& item) { return item.is_string(); }))
    complain(key, "a list of strings");
  return list.get<std::vector<std::string>>();
}

std::string Fields::one_of(const std::string& key, const std::vector<std::string>& allowed) const {
  const std::string value = text(key);
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
    complain(key, fmt::format("one of {}", fmt::join(allowed, ", ")));
  return value;
}

int64_t Fields::integer(const std::string& key, int64_t least, int64_t most) const {
  const json& value = any(key);
  const bool fits =
      value.is_number_integer() &&
      (!value.is_number_unsigned() || value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX)) &&
      value.get<int64_t>() >= least && value.get<int64_t>() <= most;
  if (!fits) complain(key, fmt::format("an integer from {} to {}", least, most));
  return value.get<int64_t>();
}

double Fields::decimal(const std::string& key) const {
  double value = 0;
  if (!any(key).is_string() || !parse_decimal(any(key).get<std::string>(), value))
    complain(key, "a decimal number in a string, such as \"0.485\"");
  return value;
}

std::vector<double> Fields::decimals(const std::string& key, size_t count) const {
  std::vector<double> values;
  double value = 0;
  if (any(key).is_array())
    for (const json& item : any(key))
      if (item.is_string() && parse_decimal(item.get<std::string>(), value))
        values.push_back(value);
  if (values.size() != count || any(key).size() != count)
    complain(key, fmt::format("{} decimal numbers in strings", count));
  return values;
}

bool Fields::flag(const std::string& key) const {
  if (!any(key).is_boolean()) complain(key, "true or false");
  return any(key).get<bool>();
}

std::string Fields::digest(const std::string& key) const {
  const std::string value = text(key);
  const bool hex = value.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (value.size() != 64 || !hex) complain(key, "a sha256 as 64 lower-case hex digits");
  return value;
}

}  // namespace consilience::models
