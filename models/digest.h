#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace consilience::models {

/// sha256 as 64 lower-case hex digits.
std::string sha256_of_text(std::string_view text);
/// Throws Error(never) when the file can't be read.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace consilience::models
