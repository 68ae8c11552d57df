#include "engine/tasks/extract_endpoint.h"

#include <algorithm>

#include "engine/store/feature_writer.h"
#include "engine/store/safetensors.h"
#include "engine/text/embedding_packs.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

Matrix<float> read_embeddings(const std::filesystem::path& file) {
  const Safetensors read(file);
  const TensorView& tensor = read.at("embeddings");
  expect(tensor.shape.size() == 2, "{}: embeddings: expected two dimensions, found {}",
         file.string(), shape_text(tensor.shape));
  Matrix<float> vectors(tensor.shape[0], tensor.shape[1]);
  std::ranges::copy(copy_tensor<float>(tensor, file.string()), vectors.values().begin());
  return vectors;
}

}  // namespace

void extract_endpoint(StudyContext& context, const ZooModel& model) {
  const DataSet& data = context.inputs().data;
  const FeatureRecipe recipe = context.recipe(model);
  FeatureWriter writer(context.store(), recipe, data.valid,
                       {{"endpoint", model.card.identity.at("endpoint")}});
  if (writer.complete()) return;
  EmbedJob job{
      model.package, {}, model.card.layers.front().width, context.store().root() / "endpoints"};
  for (const int64_t row : data.valid_rows())
    job.captions.push_back(data.samples[static_cast<size_t>(row)].caption);
  const Matrix<float> vectors =
      obtain_embeddings(job, context.store().root() / "tmp", read_embeddings);
  int64_t next = 0;
  for (int64_t first = 0; first < data.rows(); first += writer.chunk_rows()) {
    const int64_t rows = std::min(writer.chunk_rows(), data.rows() - first);
    FeatureChunk chunk{first, rows, {}, {}, {}};
    Matrix<float>& slot = chunk.slots.emplace_back(rows, job.width);
    for (int64_t row = 0; row < rows; ++row)
      if (data.valid[static_cast<size_t>(first + row)] != 0)
        std::ranges::copy(vectors.row(next++), slot.row(row).begin());
    if (!writer.has_chunk(first)) writer.accept(chunk);
  }
}

}  // namespace consilience::engine
