#include "engine/report/table_fields.h"

#include "engine/report/format.h"

namespace consilience::engine {

std::pair<std::string, std::string> layer_and_pooling(const std::string& name) {
  const auto slash = name.rfind('/');
  if (slash == std::string::npos) return {name, ""};
  return {name.substr(0, slash), name.substr(slash + 1)};
}

std::string twin_sides(const ModelSummary& a, const ModelSummary& b) {
  const bool in_a = a.role == "random";
  const bool in_b = b.role == "random";
  if (in_a && in_b) return "both";
  if (in_a) return "a";
  return in_b ? "b" : "";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    line += csv_field(fields[i]);
  }
  return line + "\r\n";
}

}  // namespace consilience::engine
