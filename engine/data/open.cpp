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

/// The picture's digest; throws when the sample can't be used.
std::string check_sample(const fs::path& root, const Sample& sample, const DataOptions& options) {
  if (options.captions) expect(!sample.caption.empty(), "caption missing");
  if (!options.pictures) return "";
  expect(!sample.image.empty(), "picture missing");
  expect(data::is_picture_name(sample.image),
         "{}: unknown extension, expected .jpg, .jpeg, .png or .webp", sample.image);
  expect(fs::exists(root / sample.image), "{}: no such file", sample.image);
  const std::vector<std::byte> bytes = read_bytes(root / sample.image);
  if (options.check_picture) options.check_picture(bytes, sample.image);
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

/// Validity and digests of all rows, in parallel; what is found does not depend on the threads.
std::vector<std::string> check_samples(const data::Listing& listing, const DataOptions& options,
                                       DataSet& set) {
  std::vector<std::string> reasons(listing.samples.size());
  tbb::parallel_for(size_t{0}, listing.samples.size(), [&](size_t i) {
    throw_if_cancelled();
    try {
      set.image_digests[i] = check_sample(listing.root, listing.samples[i], options);
    } catch (const Error& error) {
      if (error.kind() != Failure::never) throw;
      reasons[i] = error.what();
      set.valid[i] = 0;
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
    hash.update(
        canonical_json(Json::array({sample.id, sample.caption, sample.group, sample.class_id,
                                    set.image_digests[i], static_cast<int>(set.valid[i])})));
    hash.update("\n");
  }
  return hash.hex();
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

DataSet open_data_set(const std::string& source, const DataOptions& options) {
  data::Listing listing = list_source(source, options);
  expect(!listing.samples.empty(), "data source {}: no samples in it", source);
  DataSet set;
  set.name = plain(listing.name);
  set.root = listing.root;
  set.image_digests.resize(listing.samples.size());
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
