#include "engine/base/json.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "engine/base/hash.h"
#include "kernels/base/error.h"

namespace consilience::engine {

std::string json_error(const Json::exception& error) {
  std::string text = error.what();
  if (const size_t end = text.find("] "); end != std::string::npos) text.erase(0, end + 2);
  if (text.starts_with("parse error ")) text.erase(0, std::strlen("parse error "));
  // What was read last may be bytes that are no text.
  if (const size_t end = text.find("; last read: "); end != std::string::npos) text.erase(end);
  return text;
}

std::string canonical_json(const Json& value) {
  try {
    return value.dump();
  } catch (const Json::exception& error) {
    fail(Failure::never, "text that is not UTF-8 can't be written as JSON: {}", json_error(error));
  }
}

std::string hash_of(const Json& value) { return sha256_hex(canonical_json(value)); }

Json read_json(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  expect(stream.good() && !std::filesystem::is_directory(file), "{}: can't be read: {}",
         file.string(), std::filesystem::is_directory(file) ? "is a folder" : std::strerror(errno));
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  expect(!stream.bad(), "{}: can't be read: {}", file.string(), std::strerror(errno));
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    fail(Failure::never, "{}: not JSON {}", file.string(), json_error(error));
  }
}

}  // namespace consilience::engine
