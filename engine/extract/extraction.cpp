#include "engine/extract/extraction.h"

#include "engine/base/cancel.h"
#include "kernels/base/error.h"

namespace consilience::engine::extraction {
namespace {

const ExtractInput& checked(const ExtractInput& input, const models::ModelCard& card,
                            const ExtractOptions& options) {
  expect(input.data != nullptr, "extract: no data set");
  expect(options.chunk_rows > 0 && options.batch.pictures > 0 && options.batch.tokens > 0,
         "extract: rows a chunk, pictures and tokens a batch must be above 0");
  expect(card.modality != models::Modality::text ||
             (input.tokens != nullptr && input.tokens->rows() == input.data->rows()),
         "model {}: expected a token pack of {} rows", card.key(), input.data->rows());
  return input;
}

}  // namespace

Extraction::Extraction(const ExtractInput& input, const models::ModelCard& card,
                       const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
                       FeatureSink& sink)
    : batches_(checked(input, card, options), card, options, sink),
      assembler_(input, card, slots, sink),
      progress_(card.key(), batches_.rows_to_run(),
                card.modality == models::Modality::text ? "captions" : "pictures", options.quiet) {}

std::optional<Batch> Extraction::next() {
  throw_if_cancelled();
  return batches_.next();
}

void Extraction::finish(const Batch& batch, const models::BatchFeatures& features, bool reading) {
  assembler_.add(batch, features);
  progress_.advance(std::ssize(batch.rows));
  progress_.note(reading ? "reading is the bottleneck" : "the model is the bottleneck");
}

}  // namespace consilience::engine::extraction
