#include "engine/image/content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace consilience::engine {
namespace {

using namespace std::string_view_literals;

std::string_view head(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), std::min<size_t>(bytes.size(), 512)};
}

bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto value = static_cast<unsigned char>(c);
    return value >= 0x20 || value == '\n' || value == '\r' || value == '\t';
  });
}

bool is_html(std::string_view text) {
  std::string start(text.substr(0, 256));
  std::transform(start.begin(), start.end(), start.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return start.find("<!doctype html") != std::string::npos ||
         start.find("<html") != std::string::npos;
}

struct Signature {
  size_t offset;
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array kUnsupported{
    Signature{0, "GIF8"sv, "GIF"},         Signature{0, "BM"sv, "BMP"},
    Signature{0, "II*\0"sv, "TIFF"},       Signature{0, "MM\0*"sv, "TIFF"},
    Signature{4, "ftypavif"sv, "AVIF"},    Signature{4, "ftypheic"sv, "HEIC"},
    Signature{0, "%PDF"sv, "PDF"},         Signature{0, "\x1f\x8b"sv, "gzip"},
    Signature{0, "PK\x03\x04"sv, "zip"},   Signature{0, "\x93NUMPY"sv, "NumPy"},
    Signature{0, "\xff\x0a"sv, "JPEG XL"},
};

}  // namespace

Content content_of(std::span<const std::byte> bytes) {
  const std::string_view start = head(bytes);
  if (start.starts_with("\xff\xd8\xff"sv)) return Content::jpeg;
  if (start.starts_with("\x89PNG\r\n\x1a\n"sv)) return Content::png;
  if (start.starts_with("RIFF"sv) && start.size() >= 12 && start.substr(8, 4) == "WEBP"sv)
    return Content::webp;
  return Content::other;
}

std::string looks_like(std::span<const std::byte> bytes) {
  const std::string_view start = head(bytes);
  if (start.empty()) return "empty file (0 bytes)";
  for (const Signature& known : kUnsupported)
    if (start.size() > known.offset && start.substr(known.offset).starts_with(known.bytes))
      return fmt::format("{}, which is not supported", known.name);
  if (is_html(start)) return "HTML, not a picture";
  if (is_text(start)) return "text, not a picture";
  return fmt::format("not a picture (starts with 0x{:02x})",
                     static_cast<unsigned>(static_cast<unsigned char>(start.front())));
}

}  // namespace consilience::engine
