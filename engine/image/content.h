#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace consilience::engine {

enum class Content { jpeg, png, webp, other };

/// Told by the first bytes, never by a file's name.
Content content_of(std::span<const std::byte> bytes);

/// What bytes that are no supported picture look like: "HTML, not a picture", "empty file" ...
std::string looks_like(std::span<const std::byte> bytes);

}  // namespace consilience::engine
