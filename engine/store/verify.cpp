#include "engine/store/verify.h"

#include <algorithm>
#include <set>

#include "engine/base/hash.h"
#include "engine/store/fields.h"
#include "engine/store/stored_features.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

class Check {
 public:
  Check(const Store& store, const std::function<void(int64_t)>& on_file)
      : store_(store), on_file_(on_file) {}

  StoreCheck run() {
    for (const char* folder : {"data", "features", "graphs", "plans", "scores"}) {
      for (const std::string& name : store_.records(folder)) guarded(name, [&] { record(name); });
      unreferenced(folder);
    }
    for (const std::string& key : store_.find("features", ""))
      if (!store_.has_record(released_name(key)) || store_.has_record(chunk_record_name(key, 0)))
        guarded("features/" + key, [&] { const StoredFeatures features(store_, key); });
    for (const fs::path& package : store_.find_packages())
      guarded(fs::relative(package, store_.root()).string(), [&] { model(package); });
    return std::move(result_);
  }

 private:
  /// One damaged file must not hide the next.
  template <typename Step>
  void guarded(const std::string& file, const Step& step) {
    try {
      step();
    } catch (const Error& error) {
      result_.problems.push_back({file, error.what()});
    }
  }

  void count(const fs::path& file) {
    const auto size = static_cast<int64_t>(fs::file_size(file));
    ++result_.files;
    result_.bytes += size;
    if (on_file_) on_file_(size);
  }

  void record(const std::string& name) {
    const Json json = store_.read_record(name);
    count(store_.root() / name);
    if (!json.contains("data")) return;
    if (json["data"].is_object() && json["data"].contains("sha256") &&
        json["data"]["sha256"].is_string())
      named_.insert(data_name(name, json["data"]["sha256"].get<std::string>()));
    const Safetensors data = store_.open_data(name, json, true);
    count(data.path());
  }

  void unreferenced(const std::string& folder) {
    if (!fs::is_directory(store_.root() / folder)) return;
    std::set<std::string> extra;
    for (const auto& entry : fs::recursive_directory_iterator(store_.root() / folder)) {
      const std::string name = fs::relative(entry.path(), store_.root()).string();
      if (entry.is_regular_file() && entry.path().extension() == ".safetensors" &&
          !named_.contains(name))
        extra.insert(name);
    }
    result_.unreferenced.insert(result_.unreferenced.end(), extra.begin(), extra.end());
  }

  void model(const fs::path& package) {
    const Json card = read_json(package / "card.json");
    const std::string file = (package / "card.json").string();
    const auto identity = field<Json>(card, "identity", file);
    const std::string folder = package.filename().string();
    const std::string hash = hash_of(identity).substr(0, 8);
    expect(folder.ends_with("@" + hash), "{}: damaged: its identity's hash is {}", file, hash);
    for (const Json& segment : field<std::vector<Json>>(card, "segments", file))
      check_file(package / field<std::string>(segment, "file", file),
                 field<std::string>(segment, "sha256", file));
    if (identity.contains("tokens") && identity["tokens"].is_object())
      check_file(package / "tokenizer.json",
                 field<std::string>(identity["tokens"], "tokenizer_sha256", file));
  }

  void check_file(const fs::path& file, const std::string& sha256) {
    const std::string found = sha256_file(file);
    expect(found == sha256, "{}: damaged: its sha256 is {}, its card says {}", file.string(), found,
           sha256);
    count(file);
  }

  const Store& store_;
  const std::function<void(int64_t)>& on_file_;
  std::set<std::string> named_;
  StoreCheck result_;
};

}  // namespace

StoreCheck verify_store(const Store& store, const std::function<void(int64_t)>& on_file) {
  return Check(store, on_file).run();
}

}  // namespace consilience::engine
