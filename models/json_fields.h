#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace consilience::models {

/// Reads the keys of one JSON object; every complaint is an Error(never) that names the file and
/// the dotted key.
class Fields {
 public:
  Fields(const nlohmann::json& object, std::string file, std::string path);

  [[nodiscard]] const nlohmann::json& value() const { return object_; }
  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] const nlohmann::json& any(const std::string& key) const;
  [[nodiscard]] Fields object(const std::string& key) const;
  [[nodiscard]] std::vector<Fields> objects(const std::string& key) const;
  [[nodiscard]] std::string text(const std::string& key) const;
  [[nodiscard]] std::vector<std::string> texts(const std::string& key) const;
  /// A string that is one of `allowed`.
  [[nodiscard]] std::string one_of(const std::string& key,
                                   const std::vector<std::string>& allowed) const;
  [[nodiscard]] int64_t integer(const std::string& key, int64_t least, int64_t most) const;
  /// A decimal number in a string: numbers in an identity stand so.
  [[nodiscard]] double decimal(const std::string& key) const;
  [[nodiscard]] std::vector<double> decimals(const std::string& key, size_t count) const;
  [[nodiscard]] bool flag(const std::string& key) const;
  /// 64 lower-case hex digits.
  [[nodiscard]] std::string digest(const std::string& key) const;

  [[noreturn]] void complain(const std::string& key, const std::string& expected) const;

 private:
  [[nodiscard]] std::string name(const std::string& key) const;

  const nlohmann::json& object_;
  std::string file_;
  std::string path_;
};

}  // namespace consilience::models
