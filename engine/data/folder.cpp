#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "engine/data/files.h"
#include "engine/data/source.h"
#include "kernels/base/error.h"

namespace consilience::engine::data {
namespace {

namespace fs = std::filesystem;

std::string extension_of(const fs::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

template <size_t N>
bool is_one_of(const std::string& extension, const std::array<const char*, N>& list) {
  return std::find(list.begin(), list.end(), extension) != list.end();
}

/// Pictures of these kinds are not read; leaving them out without a word would be a lie.
bool is_other_picture(const fs::path& file) {
  return is_one_of(extension_of(file),
                   std::array{".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".jxl", ".svg"});
}

bool is_other_recording(const fs::path& file) {
  return is_one_of(extension_of(file), std::array{".m4a", ".aac", ".aif", ".aiff", ".au", ".caf",
                                                  ".wma", ".mka", ".webm"});
}

/// What belongs to one stem.
struct Entry {
  fs::path picture;
  fs::path caption;
  fs::path recording;

  [[nodiscard]] fs::path any() const {
    return !picture.empty() ? picture : !recording.empty() ? recording : caption;
  }
};

/// Where a file of an entry goes; null for files that are no part of a data set.
fs::path* slot_of(const fs::path& file, const DataOptions& options, Entry& entry) {
  if (is_picture_name(file) || is_other_picture(file)) return &entry.picture;
  if (options.may_listen() && (is_recording_name(file) || is_other_recording(file)))
    return &entry.recording;
  return extension_of(file) == ".txt" ? &entry.caption : nullptr;
}

/// Stems with their files, sorted by name.
std::map<std::string, Entry> scan(const fs::path& folder, const DataOptions& options) {
  std::map<std::string, Entry> entries;
  for (const auto& item : fs::directory_iterator(folder)) {
    const fs::path file = item.path().filename();
    if (file.string().starts_with('.') || !item.is_regular_file()) continue;
    Entry nowhere;
    if (slot_of(file, options, nowhere) == nullptr) continue;
    fs::path& slot = *slot_of(file, options, entries[file.stem().string()]);
    expect(slot.empty(), "{}: {} and {} have the same stem, which is the sample's id",
           folder.string(), slot.string(), file.string());
    slot = file;
  }
  return entries;
}

std::string read_caption(const fs::path& file) {
  const std::vector<std::byte> bytes = read_bytes(file);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  expect(is_utf8(text), "{}: expected UTF-8 text", file.string());
  return trimmed(text);
}

}  // namespace

bool is_picture_name(const fs::path& file) {
  return is_one_of(extension_of(file), std::array{".jpg", ".jpeg", ".png", ".webp"});
}

bool is_recording_name(const fs::path& file) {
  return is_one_of(extension_of(file),
                   std::array{".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"});
}

Listing list_folder(const fs::path& folder, const DataOptions& options) {
  for (const char* name : {"samples.jsonl", "captions.jsonl"})
    if (fs::exists(folder / name)) return list_jsonl(folder / name, options);
  expect(options.group.empty() && options.class_field.empty(),
         "{}: groups and classes need a samples.jsonl in the folder", folder.string());
  Listing listing;
  listing.root = folder;
  listing.name = fs::canonical(folder).filename().string();
  for (const auto& [stem, entry] : scan(folder, options)) {
    if (options.limit > 0 && static_cast<int64_t>(listing.samples.size()) == options.limit) break;
    Sample sample;
    sample.id = stem;
    sample.image = entry.picture.string();
    sample.audio = entry.recording.string();
    if (options.captions && !entry.caption.empty())
      sample.caption = read_caption(folder / entry.caption);
    listing.samples.push_back(std::move(sample));
    listing.where.push_back((folder / entry.any()).string());
  }
  return listing;
}

}  // namespace consilience::engine::data
