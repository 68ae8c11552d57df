#include "engine/data/open.h"

#include <fmt/ranges.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "engine/base/cancel.h"
#include "engine/base/hash.h"
#include "engine/base/json.h"
#include "engine/data/files.h"
#include "engine/data/source.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

bool is_built_in(const std::string& source) {
  const std::vector<std::string> names = built_in_data_sets();
  return std::find(names.begin(), names.end(), source) != names.end();
}

data::Listing list_built_in(const std::string& source, const DataOptions& options) {
  const fs::path folder = options.store / "sources" / source;
  const fs::path file = folder / "samples.jsonl";
  expect(fs::exists(file),
         "data set {}: {} is missing: build it with tools/data/build_emoji.py "
         "--out {}",
         source, file.string(), folder.string());
  return data::list_jsonl(file, options);
}

data::Listing list_source(const std::string& source, const DataOptions& options) {
  if (is_built_in(source)) return list_built_in(source, options);
  const fs::path path(source);
  if (fs::is_directory(path)) return data::list_folder(path, options);
  if (path.extension() == ".jsonl") return data::list_jsonl(path, options);
  fail(Failure::never,
       "data source {}: {}; expected a built-in set ({}), a folder or a .jsonl file", source,
       fs::exists(path) ? "unknown kind of file" : "no such file or folder",
       fmt::join(built_in_data_sets(), ", "));
}

std::string digest_of(const std::vector<std::byte>& bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::vector<std::byte> bytes_of(const fs::path& root, const std::string& file) {
  expect(fs::exists(root / file), "{}: no such file", file);
  return read_bytes(root / file);
}

std::string check_picture(const fs::path& root, const std::string& image,
                          const DataOptions& options) {
  expect(!image.empty(), "picture missing");
  expect(data::is_picture_name(image), "{}: unknown extension, expected .jpg, .jpeg, .png or .webp",
         image);
  const std::vector<std::byte> bytes = bytes_of(root, image);
  if (options.check_picture) options.check_picture(bytes, image);
  return digest_of(bytes);
}

std::string check_recording(const fs::path& root, const std::string& audio,
                            const DataOptions& options, RecordingSize& size) {
  expect(!audio.empty(), "recording missing");
  expect(data::is_recording_name(audio),
         "{}: unknown extension, expected .wav, .flac, .ogg, .oga, .opus or .mp3", audio);
  const std::vector<std::byte> bytes = bytes_of(root, audio);
  size = options.check_recording(bytes, audio);
  return digest_of(bytes);
}

/// Notes the digests of row i; throws when the sample can't be used.
void check_sample(const Sample& sample, size_t i, const DataOptions& options, DataSet& set) {
  if (options.captions) expect(!sample.caption.empty(), "caption missing");
  if (options.pictures) set.image_digests[i] = check_picture(set.root, sample.image, options);
  if (options.recordings)
    set.audio_digests[i] = check_recording(set.root, sample.audio, options, set.recordings[i]);
}

/// Validity and digests of all rows, in parallel; what is found does not depend on the threads.
std::vector<std::string> check_samples(const data::Listing& listing, const DataOptions& options,
                                       DataSet& set) {
  std::vector<std::string> reasons(listing.samples.size());
  tbb::parallel_for(size_t{0}, listing.samples.size(), [&](size_t i) {
    throw_if_cancelled();
    try {
      check_sample(listing.samples[i], i, options, set);
    } catch (const Error& error) {
      if (error.kind() != Failure::never) throw;
      reasons[i] = error.what();
      set.valid[i] = 0;
      set.image_digests[i].clear();
      if (options.recordings) set.audio_digests[i].clear();
    }
  });
  return reasons;
}

/// Everything that a number can depend on; not the name, not the folder.
std::string content_hash(const DataSet& set) {
  Sha256 hash;
  hash.update("consilience-data/1\n");
  for (size_t i = 0; i < set.samples.size(); ++i) {
    const Sample& sample = set.samples[i];
    Json row = Json::array({sample.id, sample.caption, sample.group, sample.class_id,
                            set.image_digests[i], static_cast<int>(set.valid[i])});
    if (!set.audio_digests.empty()) row.push_back(set.audio_digests[i]);
    hash.update(canonical_json(row));
    hash.update("\n");
  }
  return hash.hex();
}

DataOptions what_is_there(const data::Listing& listing, DataOptions options) {
  const auto some = [&](std::string Sample::*field) {
    return std::ranges::any_of(listing.samples, [&](const auto& s) { return !(s.*field).empty(); });
  };
  options.pictures = some(&Sample::image);
  options.captions = some(&Sample::caption);
  options.recordings = some(&Sample::audio);
  return options;
}

/// A name that can stand in a path.
std::string plain(std::string name) {
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '_')
      c = '-';
  return name.empty() || name.front() == '.' ? "data" + name : name;
}

}  // namespace

std::vector<std::string> built_in_data_sets() { return {"emoji-things"}; }

DataSet open_data_set(const std::string& source, const DataOptions& asked) {
  data::Listing listing = list_source(source, asked);
  expect(!listing.samples.empty(), "data source {}: no samples in it", source);
  const DataOptions options = asked.whatever_is_there ? what_is_there(listing, asked) : asked;
  DataSet set;
  set.name = plain(listing.name);
  set.root = listing.root;
  set.image_digests.resize(listing.samples.size());
  if (options.recordings) {
    set.audio_digests.resize(listing.samples.size());
    set.recordings.resize(listing.samples.size());
  }
  set.valid.assign(listing.samples.size(), 1);
  const std::vector<std::string> reasons = check_samples(listing, options, set);
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (set.valid[i] != 0) continue;
    const Sample& sample = listing.samples[i];
    if (options.on_bad_sample == OnBadSample::stop)
      fail(Failure::never, "{}: sample {}: {}; on_bad_sample = \"skip\" leaves such samples out",
           listing.where[i], sample.id, reasons[i]);
    set.bad.push_back({static_cast<int64_t>(i), sample.id, reasons[i]});
  }
  set.samples = std::move(listing.samples);
  expect(set.bad.size() < set.samples.size(),
         "data source {}: all {} samples are bad; the first: {}", source, set.samples.size(),
         set.bad.empty() ? "" : set.bad.front().reason);
  set.hash = content_hash(set);
  return set;
}

}  // namespace consilience::engine
