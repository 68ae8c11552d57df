#include "engine/data/files.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/base/error.h"

namespace consilience::engine {

std::vector<std::byte> read_bytes(const std::filesystem::path& file) {
  std::error_code problem;
  const auto status = std::filesystem::status(file, problem);
  if (!std::filesystem::exists(status)) fail(Failure::never, "{}: no such file", file.string());
  expect(std::filesystem::is_regular_file(status), "{}: not a file", file.string());
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  expect(in.good(), "{}: cannot be read", file.string());
  std::vector<std::byte> bytes(static_cast<size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  expect(in.good() || bytes.empty(), "{}: cannot be read", file.string());
  return bytes;
}

bool is_utf8(const std::string& text) {
  if (text.find('\0') != std::string::npos) return false;
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string trimmed(const std::string& text) {
  constexpr const char* kWhite = " \t\r\n\f\v";
  const size_t start = text.find_first_not_of(kWhite);
  if (start == std::string::npos) return "";
  return text.substr(start, text.find_last_not_of(kWhite) - start + 1);
}

}  // namespace consilience::engine
