// What is no recording, or a spoiled one, is told before any model runs.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "engine/audio/waveform.h"
#include "kernels/base/error.h"
#include "tests/unit/audio/sound_bytes.h"

namespace consilience::engine {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using Bytes = std::vector<std::byte>;

std::string refusal(const Bytes& bytes) {
  try {
    (void)check_recording(bytes, "a.wav");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_THAT(error.what(), StartsWith("a.wav: "));
    return error.what();
  }
  return "accepted";
}

Bytes bytes_of(const std::string& text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

Bytes cut(Bytes bytes, double share) {
  bytes.resize(static_cast<size_t>(static_cast<double>(bytes.size()) * share));
  return bytes;
}

/// A number of a header, little-endian.
void put(Bytes& bytes, size_t at, uint32_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
}

// Of the plain WAV files that libsndfile writes.
constexpr size_t kChannels = 22, kRate = 24, kDataSize = 40, kHeader = 44;

Bytes good(int format = SF_FORMAT_WAV | SF_FORMAT_PCM_16, int64_t frames = 32'000) {
  return sound_bytes<float>(sine(440, 16'000, frames), format, 16'000);
}

TEST(BadRecordings, NoRecordingAtAll) {
  EXPECT_THAT(refusal({}), HasSubstr("empty file (0 bytes)"));
  EXPECT_THAT(refusal(bytes_of("a text, with a name that ends in .wav\n")),
              HasSubstr("text, not a recording"));
  EXPECT_THAT(refusal(bytes_of(std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16))),
              HasSubstr("not a recording: "));
  EXPECT_THAT(refusal(bytes_of(std::string("RIFF\4\0\0\0WEBP", 12))), HasSubstr("not a recording"));
}

TEST(BadRecordings, OtherContainersAreNamed) {
  EXPECT_THAT(refusal(good(SF_FORMAT_AIFF | SF_FORMAT_PCM_16)),
              HasSubstr("AIFF (Apple/SGI), which is not read: expected WAV, FLAC, Ogg or MP3"));
}

TEST(BadRecordings, Truncated) {
  EXPECT_THAT(refusal(cut(good(), 0.6)),
              HasSubstr("truncated: its header promises 64000 bytes of sound, 38382 are there"));
  EXPECT_THAT(refusal(cut(good(SF_FORMAT_WAV | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG), 0.6)),
              HasSubstr("truncated: its header promises 64000 bytes"));
  EXPECT_THAT(refusal(cut(good(), 0.0005)),
              HasSubstr("truncated: a WAV file without a data chunk"));
  EXPECT_THAT(refusal(cut(good(SF_FORMAT_FLAC | SF_FORMAT_PCM_16), 0.6)), HasSubstr("truncated"));
  EXPECT_THAT(refusal(cut(good(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III), 0.6)),
              HasSubstr("truncated: its header promises 32000 frames"));
}

TEST(BadRecordings, OggStreamsWithoutAnEnd) {
  for (const int codec : {SF_FORMAT_VORBIS, SF_FORMAT_OPUS}) {
    const Bytes whole = good(SF_FORMAT_OGG | codec, 16'000 * 20);
    EXPECT_EQ(refusal(whole), "accepted");
    for (const double share : {0.1, 0.5, 0.9, 0.99})
      EXPECT_THAT(refusal(cut(whole, share)), HasSubstr("truncated: its last page is cut"));
    // Cut between two pages.
    const std::string_view text(reinterpret_cast<const char*>(whole.data()), whole.size());
    Bytes pages = whole;
    pages.resize(text.rfind("OggS"));
    EXPECT_THAT(refusal(pages), HasSubstr("truncated: its last page does not end the stream"));
  }
}

TEST(BadRecordings, EveryCutOfEveryFormatIsToldOrHarmless) {
  for (const int format : {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                           SF_FORMAT_OGG | SF_FORMAT_VORBIS}) {
    const Bytes whole = good(format, 2'000);
    for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 150) {
      Bytes part = whole;
      part.resize(size);
      EXPECT_NE(refusal(part), "accepted") << std::hex << format << " " << std::dec << size;
    }
  }
}

TEST(BadRecordings, FlippedBytesNeverCrash) {
  for (const int format : {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                           SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS}) {
    const Bytes whole = good(format, 2'000);
    for (size_t at = 0; at < std::min<size_t>(whole.size(), 400); at += 3) {
      Bytes spoiled = whole;
      spoiled[at] ^= std::byte{0xFF};
      (void)refusal(spoiled);
    }
  }
}

TEST(BadRecordings, NoFrames) {
  Bytes header = good();
  header.resize(kHeader);
  put(header, kDataSize, 0, 4);
  EXPECT_THAT(refusal(header), HasSubstr("no sound in it: 0 frames"));
}

TEST(BadRecordings, ValuesThatAreNotFinite) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    std::vector<float> values = sine(440, 16'000, 100'000);
    values[70'001] = bad;
    EXPECT_THAT(refusal(wav(values, 16'000)), HasSubstr("frame 70001 is not a finite number"));
  }
  // The mean of two finite channels that float32 does not hold.
  const std::vector<double> huge = {1e300, 1e300};
  EXPECT_THAT(refusal(sound_bytes<double>(huge, SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 16'000, 2)),
              HasSubstr("frame 0 is not a finite number"));
}

TEST(BadRecordings, AbsurdHeaders) {
  Bytes frames = good();
  put(frames, kDataSize, 0x7FFFFFFE, 4);
  EXPECT_THAT(refusal(frames), HasSubstr("promises 2147483646 bytes of sound, 64000 are there"));
  Bytes streamed = good();
  put(streamed, kDataSize, 0xFFFFFFFF, 4);  // what writers into a pipe leave
  EXPECT_EQ(refusal(streamed), "accepted");
  Bytes rate = good();
  put(rate, kRate, 0x7FFFFFFF, 4);
  EXPECT_THAT(refusal(rate), HasSubstr("expected a sample rate of 1000 to 1000000 Hz, found 2147"));
  put(rate, kRate, 12, 4);
  EXPECT_THAT(refusal(rate), HasSubstr("found 12"));
  Bytes channels = good();
  put(channels, kChannels, 1'000, 2);
  EXPECT_EQ(refusal(channels), "accepted");  // 32 frames of 1,000 channels
  put(channels, kChannels, 65'535, 2);
  EXPECT_THAT(refusal(channels), HasSubstr("not a recording: "));
  put(channels, kChannels, 0, 2);
  EXPECT_THAT(refusal(channels), HasSubstr("not a recording: "));
}

}  // namespace
}  // namespace consilience::engine
