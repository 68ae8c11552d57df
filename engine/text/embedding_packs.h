#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "kernels/base/matrix.h"

namespace consilience::engine {

/// Captions for the service behind an endpoint's package.
struct EmbedJob {
  std::filesystem::path package;
  std::vector<std::string> captions;  // [n]
  int64_t width = 0;                  // d, as the card says
  std::filesystem::path cache;        // folder of what it answered before
};

/// Reads `embeddings` float32 [n, d] from a safetensors file.
using EmbeddingReader = std::function<Matrix<float>(const std::filesystem::path&)>;

/// The service's vectors, [n, d], asked for by Python's consilience_export; its file lies in
/// `scratch` meanwhile. Throws Error(transient) when the service is busy or absent for long (what
/// it answered stays in the cache), Error(never) when it refuses, has changed since its import, or
/// answers something that is not n finite vectors of that width.
[[nodiscard]] Matrix<float> obtain_embeddings(const EmbedJob& job,
                                              const std::filesystem::path& scratch,
                                              const EmbeddingReader& read);

}  // namespace consilience::engine
