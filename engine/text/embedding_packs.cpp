#include "engine/text/embedding_packs.h"

#include <unistd.h>

#include "engine/text/exporter.h"
#include "kernels/base/error.h"

namespace consilience::engine {

Matrix<float> obtain_embeddings(const EmbedJob& job, const std::filesystem::path& scratch,
                                const EmbeddingReader& read) {
  const std::string name = job.package.filename().string();
  const auto captions = scratch / fmt::format("embed-{}.{}.json", name, getpid());
  const auto made = scratch / fmt::format("embed-{}.{}.safetensors", name, getpid());
  const RemovedAtEnd cleared({captions, made});
  write_captions(job.captions, captions);
  run_exporter({"embed", "--package", job.package.string(), "--captions", captions.string(),
                "--cache", job.cache.string(), "--out", made.string()},
               fmt::format("model {}", name));
  Matrix<float> vectors = read(made);
  const auto n = static_cast<int64_t>(job.captions.size());
  expect(vectors.rows() == n && vectors.cols() == job.width,
         "model {}: expected {} vectors of {} numbers, the exporter wrote {} of {}", name, n,
         job.width, vectors.rows(), vectors.cols());
  return vectors;
}

}  // namespace consilience::engine
