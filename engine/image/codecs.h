#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "engine/image/picture.h"

/// One function a format; each throws Error(never): "<name>: <reason>".
namespace consilience::engine::codecs {

using Bytes = std::span<const std::byte>;

Picture decode_jpeg(Bytes bytes, const std::string& name, const DecodeOptions& options);
Picture decode_png(Bytes bytes, const std::string& name, const DecodeOptions& options);
Picture decode_webp(Bytes bytes, const std::string& name, const DecodeOptions& options);

/// A black picture; throws when its dimensions are empty or over the limit.
Picture allocate(int64_t width, int64_t height, const std::string& name,
                 const DecodeOptions& options);
/// One row of RGBA to RGB.
void flatten_row(const uint8_t* rgba, int width, Alpha alpha, uint8_t* rgb);

}  // namespace consilience::engine::codecs
