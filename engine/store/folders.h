#pragma once
#include <filesystem>
#include <string>

namespace consilience::engine {

/// fsync of a folder, so that the names in it are durable. `place` is named in errors.
void sync_folder(const std::string& place, const std::filesystem::path& folder);

}  // namespace consilience::engine
