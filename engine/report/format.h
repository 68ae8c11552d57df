#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace consilience::engine {

/// ".173", "−.012", "1.000"; "—" for NaN. How scores are shown.
[[nodiscard]] std::string score_text(double value);
/// The shortest decimal that reads back the same; "" for NaN.
[[nodiscard]] std::string shortest(double value);
/// "12,345"
[[nodiscard]] std::string count_text(int64_t count);
/// "4.65 M", "134 M", "1.2 B"; "—" for 0 and NaN.
[[nodiscard]] std::string quantity_text(double value);
/// "1 pair", "12 pairs"
[[nodiscard]] std::string counted(int64_t count, std::string_view singular);

/// Valid UTF-8: every malformed byte and control character becomes U+FFFD (line ends and tabs a
/// space).
[[nodiscard]] std::string clean_utf8(std::string_view text);
/// Clean text that is safe in HTML and SVG, inside attributes too.
[[nodiscard]] std::string escape_html(std::string_view text);
/// RFC 4180: quoted where it has to be.
[[nodiscard]] std::string csv_field(std::string_view text);
/// Code points of clean text.
[[nodiscard]] int64_t text_width(std::string_view text);
/// Filled with spaces to `width` code points.
[[nodiscard]] std::string left_aligned(const std::string& text, int64_t width);
[[nodiscard]] std::string right_aligned(const std::string& text, int64_t width);
/// Broken at spaces into lines of at most `width` code points (one word may be longer), each after
/// `indent` and with its end.
[[nodiscard]] std::string wrapped(const std::string& text, int64_t width,
                                  const std::string& indent);
/// At most `width` code points, the middle left out: both ends of a model's name tell.
[[nodiscard]] std::string shorten(std::string_view text, int64_t width);
/// "a, b and 3 more"
[[nodiscard]] std::string listed(const std::vector<std::string>& names, size_t at_most = 3);

}  // namespace consilience::engine
