#include <fstream>
#include <map>

#include "engine/base/json.h"
#include "engine/data/files.h"
#include "engine/data/source.h"
#include "kernels/base/error.h"

namespace consilience::engine::data {
namespace {

Json parse_line(const std::string& line, const std::string& where) {
  Json value;
  try {
    value = Json::parse(line);
  } catch (const Json::parse_error& problem) {
    fail(Failure::never, "{}: not valid JSON at byte {}", where, problem.byte);
  }
  expect(value.is_object(), "{}: expected an object, found {}", where, value.type_name());
  return value;
}

std::string text_field(const Json& line, const std::string& key, const std::string& where) {
  const auto found = line.find(key);
  if (found == line.end() || found->is_null()) return "";
  expect(found->is_string(), "{}: field {}: expected a string, found {}", where, key,
         found->type_name());
  return found->get<std::string>();
}

/// Groups and classes may be numbers too.
std::string label_field(const Json& line, const std::string& key, const std::string& where) {
  if (key.empty()) return "";
  const auto found = line.find(key);
  expect(found != line.end(), "{}: field {} is missing, the study names it", where, key);
  if (found->is_string()) return found->get<std::string>();
  expect(found->is_number_integer(), "{}: field {}: expected a string or an integer, found {}",
         where, key, found->type_name());
  return found->dump();
}

/// The path of a `what`, which stays under the root.
std::string path_field(const Json& line, const std::string& key, const char* what,
                       const std::string& where) {
  const std::string file = text_field(line, key, where);
  const std::filesystem::path path(file);
  bool leaves = path.is_absolute() || file.find('\0') != std::string::npos;
  for (const auto& part : path) leaves = leaves || part == "..";
  expect(!leaves, "{}: the {}'s path {} leaves the data set's folder", where, what, file);
  return file;
}

Sample read_sample(const Json& line, const DataOptions& options, const std::string& where) {
  Sample sample;
  sample.id = text_field(line, "id", where);
  expect(!sample.id.empty(), "{}: field id is missing", where);
  sample.image = path_field(line, "image", "picture", where);
  if (options.may_listen()) sample.audio = path_field(line, "audio", "recording", where);
  sample.caption = trimmed(text_field(line, "caption", where));
  sample.group = label_field(line, options.group, where);
  sample.class_id = label_field(line, options.class_field, where);
  return sample;
}

std::string set_name(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  if (stem != "samples" && stem != "captions") return stem;
  return std::filesystem::absolute(file).parent_path().filename().string();
}

}  // namespace

Listing list_jsonl(const std::filesystem::path& file, const DataOptions& options) {
  std::ifstream in(file);
  expect(in.good() && std::filesystem::is_regular_file(file), "{}: no such file", file.string());
  Listing listing;
  listing.name = set_name(file);
  listing.root = file.parent_path().empty() ? "." : file.parent_path();
  std::map<std::string, int64_t> line_of;
  std::string line;
  for (int64_t number = 1; std::getline(in, line); ++number) {
    if (trimmed(line).empty()) continue;
    if (options.limit > 0 && static_cast<int64_t>(listing.samples.size()) == options.limit) break;
    const std::string where = fmt::format("{} line {}", file.string(), number);
    Sample sample = read_sample(parse_line(line, where), options, where);
    const auto [first, is_new] = line_of.emplace(sample.id, number);
    expect(is_new, "{}: id {} given twice: lines {} and {}", file.string(), sample.id,
           first->second, number);
    listing.samples.push_back(std::move(sample));
    listing.where.push_back(where);
  }
  return listing;
}

}  // namespace consilience::engine::data
