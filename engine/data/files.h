#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace consilience::engine {

/// Throws Error(never) when the file is missing or can't be read.
std::vector<std::byte> read_bytes(const std::filesystem::path& file);

/// Well-formed UTF-8 without NUL.
bool is_utf8(const std::string& text);

/// Without white space at both ends.
std::string trimmed(const std::string& text);

}  // namespace consilience::engine
