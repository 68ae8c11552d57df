#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/data/open.h"

/// What a source lists, before any file of a sample is opened.
namespace consilience::engine::data {

struct Listing {
  std::string name;
  std::filesystem::path root;
  std::vector<Sample> samples;     // [n]
  std::vector<std::string> where;  // [n] for messages: "samples.jsonl line 3", "a.png"
};

Listing list_jsonl(const std::filesystem::path& file, const DataOptions& options);
Listing list_folder(const std::filesystem::path& folder, const DataOptions& options);

/// Whether a file's name ends like a picture, or a recording, that can be read.
bool is_picture_name(const std::filesystem::path& file);
bool is_recording_name(const std::filesystem::path& file);

}  // namespace consilience::engine::data
