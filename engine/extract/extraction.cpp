#include "engine/extract/extraction.h"

#include "engine/base/cancel.h"
#include "kernels/base/error.h"

namespace consilience::engine::extraction {
namespace {

const ExtractInput& checked(const ExtractInput& input, const models::ModelCard& card,
                            const ExtractOptions& options) {
  expect(input.data != nullptr, "extract: no data set");
  expect(options.chunk_rows > 0 && options.batch.pictures > 0 && options.batch.tokens > 0 &&
             options.batch.audio_samples > 0,
         "extract: rows a chunk, pictures, tokens and audio samples a batch must be above 0");
  expect(card.modality != models::Modality::text ||
             (input.tokens != nullptr && input.tokens->rows() == input.data->rows()),
         "model {}: expected a token pack of {} rows", card.key(), input.data->rows());
  expect(card.modality != models::Modality::audio ||
             std::ssize(input.data->recordings) == input.data->rows(),
         "model {}: expected recordings of {} rows", card.key(), input.data->rows());
  return input;
}

const char* unit_of(models::Modality modality) {
  if (modality == models::Modality::text) return "captions";
  return modality == models::Modality::audio ? "recordings" : "pictures";
}

}  // namespace

Extraction::Extraction(const ExtractInput& input, const models::ModelCard& card,
                       const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
                       FeatureSink& sink)
    : card_(card),
      quiet_(options.quiet),
      batches_(checked(input, card, options), card, options, sink),
      assembler_(input, card, slots, sink),
      progress_(card.key(), batches_.rows_to_run(), unit_of(card.modality), options.quiet) {}

std::optional<Batch> Extraction::next() {
  throw_if_cancelled();
  return batches_.next();
}

void Extraction::finish(const Batch& batch, const models::BatchFeatures& features, bool reading) {
  assembler_.add(batch, features);
  progress_.advance(std::ssize(batch.rows));
  progress_.note(reading ? "reading is the bottleneck" : "the model is the bottleneck");
}

void Extraction::end() {
  progress_.finish();
  if (quiet_ || batches_.recordings_to_cut() == 0) return;
  fmt::print(stderr, "{}: {} of {} recordings cut to their first {:.1f} s\n", card_.key(),
             batches_.recordings_to_cut(), batches_.rows_to_run(),
             static_cast<double>(card_.audio->max_samples) / card_.audio->sample_rate);
}

}  // namespace consilience::engine::extraction
