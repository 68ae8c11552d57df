#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace consilience::engine {

/// Incremental sha256.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text);
  /// 64 lower-case hex digits; the object is spent afterwards.
  [[nodiscard]] std::string hex();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

[[nodiscard]] std::string sha256_hex(std::string_view text);
/// Throws Error(never) when the file can't be read.
[[nodiscard]] std::string sha256_file(const std::filesystem::path& file);
/// The first 32 bits of the sha256 of a unit's name: a Philox counter word (numerics, section 5).
[[nodiscard]] uint32_t unit_id(std::string_view name);

}  // namespace consilience::engine
