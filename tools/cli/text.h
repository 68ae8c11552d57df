#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace consilience::cli {

/// "90.9 MB".
[[nodiscard]] std::string bytes_text(int64_t bytes);

/// `text` in lines of at most `width`, each after the first behind `indent` blanks.
[[nodiscard]] std::string wrapped(std::string_view text, size_t indent, size_t width);

/// A table whose columns are as wide as their contents; `right[c]`: numbers.
[[nodiscard]] std::string table_text(const std::vector<std::vector<std::string>>& rows,
                                     const std::vector<bool>& right, const std::string& indent);

}  // namespace consilience::cli
