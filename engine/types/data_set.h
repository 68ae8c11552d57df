#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace consilience::engine {

/// One thing as several modalities show it: a picture, a caption, a recording. Fields that a source
/// does not have are empty.
struct Sample {
  std::string id;       // unique in the set
  std::string image;    // path relative to the set's root
  std::string caption;  // UTF-8
  std::string group;    // siblings (several captions of one picture) share it
  std::string class_id;
  std::string audio = {};  // path relative to the set's root
};

/// What a recording's length at any rate follows from.
struct RecordingSize {
  int64_t frames = 0;  // counted by decoding all of it
  int rate = 0;        // Hz
  bool operator==(const RecordingSize&) const = default;
};

struct BadSample {
  int64_t row = 0;
  std::string id;
  std::string reason;
};

/// A data set with its rows in a fixed order. Validity is decided before any model runs: a bad row
/// keeps its place, its bit is cleared, and no model, graph or score sees it.
struct DataSet {
  std::string name;
  std::filesystem::path root;
  std::vector<Sample> samples;             // [n]
  std::vector<std::string> image_digests;  // [n] sha256 of the file, "" without a picture
  std::vector<std::string> audio_digests;  // [n] the same of recordings; empty: not looked at
  std::vector<RecordingSize> recordings;   // [n] of valid rows; empty: not looked at
  std::vector<uint8_t> valid;              // [n] 1 or 0
  std::vector<BadSample> bad;              // why, for every cleared bit
  std::string hash;  // 64 hex digits: ids, captions, groups, classes, digests of files, validity

  [[nodiscard]] int64_t rows() const { return static_cast<int64_t>(samples.size()); }
  [[nodiscard]] std::vector<int64_t> valid_rows() const {
    std::vector<int64_t> rows;
    for (size_t i = 0; i < valid.size(); ++i)
      if (valid[i] != 0) rows.push_back(static_cast<int64_t>(i));
    return rows;
  }
  [[nodiscard]] std::string key() const { return name + "@" + hash.substr(0, 8); }
};

}  // namespace consilience::engine
