#pragma once
#include <cstddef>
#include <span>
#include <string>

/// What libsndfile does not tell about the bytes of a file.
namespace consilience::engine::audio {

/// What bytes look like that can be no recording: "empty file (0 bytes)", "text, not a recording";
/// else "".
[[nodiscard]] std::string looks_like_no_recording(std::span<const std::byte> bytes);

/// How a WAV or Ogg file ends before its own container says; "" where it does not. libsndfile plays
/// what is left of such files as if that were all.
[[nodiscard]] std::string cut_short(std::span<const std::byte> bytes);

}  // namespace consilience::engine::audio
