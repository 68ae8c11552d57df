#include "engine/store/store.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/base/hash.h"
#include "engine/store/commit.h"
#include "engine/store/folders.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "consilience-store/1";
constexpr std::array kFolders{"models", "data",    "features", "graphs", "scores",
                              "plans",  "reports", "events",   "leases", "tmp"};

/// A folder of something else must not become a store by a slip of the keyboard.
void check_is_ours(const fs::path& root) {
  std::error_code ignored;
  bool empty = true;
  for (const auto& entry : fs::directory_iterator(root, ignored)) {
    const std::string name = entry.path().filename().string();
    if (std::find(kFolders.begin(), kFolders.end(), name) != kFolders.end()) return;
    if (!name.starts_with('.') && name != "lost+found") empty = false;
  }
  expect(empty,
         "store {}: the folder is not empty and no store (it has no store.json): choose another",
         root.string());
}

void check_format(const fs::path& root) {
  const Json facts = read_json(root / "store.json");
  const std::string found =
      facts.is_object() && facts.contains("format") ? canonical_json(facts["format"]) : "nothing";
  expect(found == canonical_json(Json(kFormat)),
         "store {}: store.json gives the format {}, this program writes \"{}\": use the version "
         "that made it, or another folder",
         root.string(), found, kFormat);
}

void create(const fs::path& root) {
  std::error_code reason;
  fs::create_directories(root, reason);
  expect(!reason, "store {} is not writable: {}", root.string(), reason.message());
  check_is_ours(root);
  make_folders(root, "tmp");
  check_file_system(root);
  const std::string text = canonical_json(Json{{"format", kFormat}}) + "\n";
  (void)commit_text(root, "store.json", text);  // whoever came first wrote the same
}

bool matches(const std::string& folder, const std::string& name_or_key) {
  return name_or_key.empty() || folder == name_or_key || folder.starts_with(name_or_key + "@");
}

std::vector<std::string> folders_under(const fs::path& parent) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(parent, missing))
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Store::Store(fs::path root, Access access) : root_(std::move(root)) {
  const bool exists = fs::exists(root_ / "store.json");
  if (access == Access::read) {
    expect(exists, "store {}: there is none (no store.json); `consilience run` makes one",
           root_.string());
    check_format(root_);
    return;
  }
  if (exists) check_format(root_);
  create(root_);
  check_format(root_);
  clean_tmp(root_);
}

bool Store::has_record(const std::string& name) const { return fs::exists(root_ / name); }

Json Store::read_record(const std::string& name) const {
  Json record = read_json(root_ / name);
  expect(record.is_object(), "{}: not a record: expected a JSON object", (root_ / name).string());
  return record;
}

Json Store::commit_record(const std::string& name, Json record,
                          const std::vector<TensorView>& tensors) const {
  if (!tensors.empty() && !has_record(name)) {
    const DataFile data =
        commit_data(root_, fs::path(name).parent_path(),
                    [&](const ByteSink& sink) { write_safetensors(tensors, sink); });
    record["data"] = {{"sha256", data.sha256}, {"bytes", data.bytes}};
  }
  if (!has_record(name) && commit_text(root_, name, canonical_json(record) + "\n")) return record;
  Json winner = read_record(name);
  check_data(name, winner, true);
  return winner;
}

void Store::drop_records(const std::vector<std::string>& names) const {
  std::set<fs::path> folders;
  for (const auto& name : names) {
    fs::remove(root_ / name);
    folders.insert(fs::path(name).parent_path());
  }
  for (const auto& folder : folders) {
    if (!fs::exists(root_ / folder)) continue;
    sync_folder("store " + root_.string(), root_ / folder);
    std::set<std::string> named;
    std::vector<fs::path> data;
    for (const auto& entry : fs::directory_iterator(root_ / folder)) {
      if (entry.path().extension() == ".safetensors") data.push_back(entry.path());
      if (entry.path().extension() != ".json") continue;
      const Json record = read_json(entry.path());
      if (record.contains("data")) named.insert(record["data"].value("sha256", ""));
    }
    for (const auto& file : data)
      if (!named.contains(file.stem().string())) fs::remove(file);
  }
}

void Store::check_data(const std::string& name, const Json& record, bool check_digest) const {
  if (!record.contains("data")) return;
  const Json& data = record["data"];
  expect(data.is_object() && data.contains("sha256") && data["sha256"].is_string() &&
             data.contains("bytes") && data["bytes"].is_number_unsigned(),
         "{}: damaged: its data has no sha256 and bytes", (root_ / name).string());
  const auto digest = data["sha256"].get<std::string>();
  const bool hex =
      digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  expect(hex, "{}: damaged: its data's sha256 is not 64 hex digits", (root_ / name).string());
  const fs::path file = root_ / data_name(name, digest);
  std::error_code missing;
  const auto size = fs::file_size(file, missing);
  expect(!missing, "{}: missing, but {} names it: remove that record and run again", file.string(),
         name);
  expect(size == data["bytes"].get<uint64_t>(),
         "{}: damaged: {} bytes, expected {}: remove it with {} and run again", file.string(), size,
         data["bytes"].get<uint64_t>(), name);
  if (!check_digest) return;
  const std::string found = sha256_file(file);
  expect(found == digest, "{}: damaged: its sha256 is {}: remove it with {} and run again",
         file.string(), found, name);
}

Safetensors Store::open_data(const std::string& name, const Json& record, bool check_digest) const {
  expect(record.contains("data"), "{}: a record without data", (root_ / name).string());
  check_data(name, record, check_digest);
  return Safetensors(root_ / data_name(name, record["data"]["sha256"].get<std::string>()));
}

std::vector<std::string> Store::records(const std::string& folder) const {
  std::vector<std::string> names;
  if (!fs::is_directory(root_ / folder)) return names;
  for (const auto& entry : fs::recursive_directory_iterator(root_ / folder))
    if (entry.is_regular_file() && entry.path().extension() == ".json")
      names.push_back(fs::relative(entry.path(), root_).string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Store::find(const std::string& kind,
                                     const std::string& name_or_key) const {
  std::vector<std::string> found = folders_under(root_ / kind);
  std::erase_if(found, [&](const std::string& folder) { return !matches(folder, name_or_key); });
  return found;
}

std::vector<fs::path> Store::find_packages(const std::string& name_or_key) const {
  std::vector<fs::path> found;
  for (const std::string& folder : find("models", name_or_key))
    if (fs::exists(root_ / "models" / folder / "card.json"))
      found.push_back(root_ / "models" / folder);
  return found;
}

std::string file_name_part(const std::string& text) {
  std::string safe = text;
  for (char& c : safe)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '_' && c != '-')
      c = '_';
  return safe;
}

std::string data_name(const std::string& record_name, const std::string& sha256) {
  return (fs::path(record_name).parent_path() / (sha256 + ".safetensors")).string();
}

}  // namespace consilience::engine
