#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/types/data_set.h"

namespace consilience::engine {

enum class OnBadSample { stop, skip };

/// Decodes a picture's bytes; throws Error when it can't (engine/image: check_picture).
using PictureCheck = std::function<void(std::span<const std::byte> bytes, const std::string& name)>;
/// The same of a recording (engine/audio: check_recording).
using RecordingCheck =
    std::function<RecordingSize(std::span<const std::byte> bytes, const std::string& name)>;

struct DataOptions {
  int64_t limit = 0;  // the first so many rows; 0: all
  OnBadSample on_bad_sample = OnBadSample::stop;
  std::string group;                      // field whose equal values are siblings; "": none
  std::string class_field;                // field with class ids; "": none
  std::filesystem::path store = "store";  // built-in sets lie in <store>/sources/<name>
  bool pictures = true;                   // whether a model of the study looks at pictures
  bool captions = true;                   // whether one reads captions
  bool recordings = false;                // whether one listens
  bool whatever_is_there = false;  // in place of the three above: what some row of the source has
  PictureCheck check_picture;      // empty: pictures are hashed, not decoded
  RecordingCheck check_recording;  // needed where recordings are looked at

  [[nodiscard]] bool may_listen() const { return recordings || whatever_is_there; }
};

/// Opens a built-in set ("emoji-things"), a .jsonl file (a line a sample: "id", "image", "caption",
/// "audio", and any other field), or a folder (captions.jsonl or samples.jsonl in it, else
/// pictures, recordings and captions in .txt files of the same stem). Rows are in the file's order;
/// a bare folder's are sorted by name. A modality that is not used is not looked at.
///
/// Throws Error(never) for a source that is none of these, an empty set, a malformed line, an id
/// given twice (both lines named), a path that leaves the root; and, unless on_bad_sample is skip,
/// for a sample whose picture, caption or recording is missing or broken.
DataSet open_data_set(const std::string& source, const DataOptions& options);

/// The names of the built-in sets.
std::vector<std::string> built_in_data_sets();

}  // namespace consilience::engine
