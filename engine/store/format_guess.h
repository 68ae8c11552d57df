#pragma once
#include <filesystem>
#include <string>

namespace consilience::engine {

/// "npy" or "safetensors" where the file's name or first bytes say so; otherwise what it looks like
/// and what to do, for an error: "a PyTorch file: save it as ..". Throws Error(never) naming the
/// file when it can't be read or is empty.
[[nodiscard]] std::string guess_format(const std::filesystem::path& file);

}  // namespace consilience::engine
