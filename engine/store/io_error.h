#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace consilience::engine {

/// Throws for a failed write: a full disk is Error(transient) and says what was needed and what is
/// free; no permission or a read-only file system is Error(never). `place`: "store <root>".
[[noreturn]] void fail_write(int reason, const std::string& place,
                             const std::filesystem::path& file, uint64_t bytes_needed);

}  // namespace consilience::engine
