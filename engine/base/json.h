#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace consilience::engine {

using Json = nlohmann::json;  // object keys are sorted

/// Keys sorted, no spaces, UTF-8, short numbers that read back exactly; NaN and infinities become
/// null. The same bytes for the same value, always. Throws Error(never) for text that is not UTF-8.
[[nodiscard]] std::string canonical_json(const Json& value);
/// sha256 of the canonical JSON.
[[nodiscard]] std::string hash_of(const Json& value);
/// What a parse error says, in plain words: "at line 2, column 7: syntax error ..".
[[nodiscard]] std::string json_error(const Json::exception& error);
/// Throws Error(never) naming the file, and for malformed text the position.
[[nodiscard]] Json read_json(const std::filesystem::path& file);

}  // namespace consilience::engine
