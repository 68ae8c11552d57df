#pragma once
#include <toml++/toml.h>
#include <set>
#include <string>
#include <vector>

#include "kernels/base/error.h"

namespace consilience::engine {

/// One TOML table read key by key; what nobody asked for is an error. Every message names the file,
/// the line and the key.
class TomlReader {
 public:
  TomlReader(const toml::table& table, std::string file, std::string path = "");

  /// The value of `key`, or `fallback` where the key is absent.
  std::string text(const std::string& key, const std::string& fallback);
  int64_t integer(const std::string& key, int64_t fallback, int64_t least, int64_t most);
  bool flag(const std::string& key, bool fallback);
  double number(const std::string& key, double fallback, double least, double most);
  std::vector<std::string> texts(const std::string& key, const std::vector<std::string>& fallback);
  /// A text that must be one of `choices`; returns its index.
  size_t choice(const std::string& key, const std::vector<std::string>& choices, size_t fallback);

  /// The sub-table `key`; an empty one where it is absent.
  TomlReader table(const std::string& key);
  /// The array of tables `key`.
  std::vector<TomlReader> tables(const std::string& key);
  /// The raw node, or null; marks the key as known.
  const toml::node* node(const std::string& key);

  [[nodiscard]] bool has(const std::string& key) const { return table_->contains(key); }
  /// Error(usage) at the line of `key`.
  [[noreturn]] void refuse(const std::string& key, const std::string& problem) const;
  /// Error(usage) for the first key that nobody asked for, with the nearest known one.
  void finish() const;

 private:
  [[nodiscard]] std::string full(const std::string& key) const;

  const toml::table* table_;
  std::string file_, path_;
  std::set<std::string> known_;
};

}  // namespace consilience::engine
