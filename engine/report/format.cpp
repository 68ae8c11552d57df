#include "engine/report/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

namespace consilience::engine {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Bytes of the well-formed sequence at `at`, 0 when there is none (Unicode 15, table 3-7).
size_t sequence_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const auto continues = [&](size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;
    if (lead == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

/// Byte offsets of the code points of clean text, and its end.
std::vector<size_t> offsets(std::string_view text) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) starts.push_back(i);
  starts.push_back(text.size());
  return starts;
}

}  // namespace

std::string score_text(double value) {
  if (std::isnan(value)) return "—";
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  const double size = std::abs(value);
  std::string digits = size < 1000  ? fmt::format("{:.3f}", size)
                       : size < 1e6 ? fmt::format("{:.1f}", size)
                                    : fmt::format("{:.3e}", size);
  if (digits.starts_with("0.")) digits.erase(0, 1);
  return (value < 0 && digits != ".000" ? "−" : "") + digits;
}

std::string shortest(double value) {
  if (std::isnan(value)) return "";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string count_text(int64_t count) {
  std::string digits = std::to_string(count);
  const auto first = static_cast<std::ptrdiff_t>(count < 0 ? 1 : 0);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string quantity_text(double value) {
  if (std::isnan(value) || value == 0) return "—";
  struct Unit {
    double size;
    std::string_view name;
  };
  static constexpr std::array<Unit, 4> kUnits{
      {{1e12, " T"}, {1e9, " B"}, {1e6, " M"}, {1e3, " k"}}};
  for (const auto& unit : kUnits)
    if (std::abs(value) >= unit.size) return fmt::format("{:.3g}{}", value / unit.size, unit.name);
  return fmt::format("{:.3g}", value);
}

std::string counted(int64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", count_text(count), singular, count == 1 ? "" : "s");
}

std::string clean_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = sequence_length(text, at);
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0 || byte == 0x7F ||
        (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t'))
      out += kReplacement;
    else if (byte < 0x20)
      out += ' ';
    else
      out += text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : clean_utf8(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

int64_t text_width(std::string_view text) { return static_cast<int64_t>(offsets(text).size()) - 1; }

std::string left_aligned(const std::string& text, int64_t width) {
  return text +
         std::string(static_cast<size_t>(std::max<int64_t>(0, width - text_width(text))), ' ');
}

std::string right_aligned(const std::string& text, int64_t width) {
  return std::string(static_cast<size_t>(std::max<int64_t>(0, width - text_width(text))), ' ') +
         text;
}

std::string wrapped(const std::string& text, int64_t width, const std::string& indent) {
  std::istringstream words(text);
  std::string out, line;
  for (std::string word; words >> word;) {
    if (!line.empty() && text_width(line) + 1 + text_width(word) > width) {
      out += indent + line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? out : out + indent + line + '\n';
}

std::string shorten(std::string_view text, int64_t width) {
  const std::string clean = clean_utf8(text);
  const auto starts = offsets(clean);
  const auto length = static_cast<int64_t>(starts.size()) - 1;
  if (length <= width) return clean;
  const int64_t tail = (width - 1) / 2;
  const int64_t head = width - 1 - tail;
  return clean.substr(0, starts[static_cast<size_t>(head)]) + "…" +
         clean.substr(starts[static_cast<size_t>(length - tail)]);
}

std::string listed(const std::vector<std::string>& names, size_t at_most) {
  const bool all = names.size() <= at_most + 1;  // "and 1 more" is never shorter than the name
  const size_t shown = all ? names.size() : at_most;
  std::string out;
  for (size_t i = 0; i < shown; ++i) {
    if (i > 0) out += all && i + 1 == shown ? " and " : ", ";
    out += names[i];
  }
  if (!all) out += fmt::format(" and {} more", names.size() - shown);
  return out;
}

}  // namespace consilience::engine
