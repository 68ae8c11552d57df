#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/store/safetensors.h"
#include "engine/store/tensor.h"

namespace consilience::engine {

/// A folder of immutable files (docs: store and tasks, section 2). A record is a JSON file; its
/// data, if any, is <digest>.safetensors beside it, named by record["data"] = {"bytes", "sha256"}.
/// A data file that no record names does not exist. Equal records are equal bytes: no time, host or
/// process id in them. Thread-safe.
class Store {
 public:
  enum class Access { read, write };

  /// `write` creates what is missing and clears tmp/ of dead processes' files; `read` changes
  /// nothing. Throws Error(never): another format version, a folder that is something else, not
  /// writable, a file system without link(); for `read` also when there is no store.
  explicit Store(std::filesystem::path root, Access access = Access::write);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  /// Record names are paths relative to the root: "scores/<task-hash>.json".
  [[nodiscard]] bool has_record(const std::string& name) const;
  [[nodiscard]] Json read_record(const std::string& name) const;
  /// Durable on return. With tensors, their file is committed first and record["data"] is set. When
  /// the record was there already, it is validated with its data and returned in place of this one.
  Json commit_record(const std::string& name, Json record,
                     const std::vector<TensorView>& tensors = {}) const;
  /// Removes records and whatever data no other record of their folder names. Absent ones are
  /// passed over, so that a removal that was cut short can be done again.
  void drop_records(const std::vector<std::string>& names) const;
  /// The data of a record, mapped. `check_digest` reads it all first. Error(never) names the file.
  [[nodiscard]] Safetensors open_data(const std::string& name, const Json& record,
                                      bool check_digest = false) const;
  /// Throws Error(never) unless the record's data file is there with its size, and with
  /// `check_digest` its content.
  void check_data(const std::string& name, const Json& record, bool check_digest) const;

  /// Names of the records under a folder ("graphs", "scores"), in order.
  [[nodiscard]] std::vector<std::string> records(const std::string& folder) const;
  /// Folders "<name>@<hash8>" under `kind` ("features", "graphs", "data") that match a name, or a
  /// key with its hash, in order.
  [[nodiscard]] std::vector<std::string> find(const std::string& kind,
                                              const std::string& name_or_key) const;
  /// Model packages (folders with a card.json) of that name or key; "" lists all.
  [[nodiscard]] std::vector<std::filesystem::path> find_packages(
      const std::string& name_or_key = "") const;

 private:
  std::filesystem::path root_;
};

/// `text` as part of a file name: other bytes than [A-Za-z0-9._-] become "_".
[[nodiscard]] std::string file_name_part(const std::string& text);

/// Where a record's data lies, relative to the root.
[[nodiscard]] std::string data_name(const std::string& record_name, const std::string& sha256);

}  // namespace consilience::engine
