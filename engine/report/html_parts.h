#pragma once
#include <string>
#include <string_view>

namespace consilience::engine {

/// A table in a box of its own that scrolls where the page is narrow; `caption` is HTML.
[[nodiscard]] std::string open_table(std::string_view label, std::string_view caption,
                                     std::string_view css_class = "");
[[nodiscard]] std::string close_table();
/// A head of a row or column that wraps sensibly, with a smaller line beneath; both are plain text.
[[nodiscard]] std::string name_block(std::string_view name, std::string_view beneath = "");
[[nodiscard]] std::string column_head(std::string_view text, bool number = false);

}  // namespace consilience::engine
