#pragma once
#include <optional>
#include <span>

#include "engine/audio/waveform.h"
#include "engine/extract/extract.h"
#include "engine/image/picture.h"
#include "engine/text/batches.h"

namespace consilience::engine::extraction {

/// Rows that run together. A chunk with no valid row has one batch with no rows.
struct Batch {
  int64_t chunk_first_row = 0;
  int64_t chunk_rows = 0;
  bool last_of_chunk = false;
  std::vector<int64_t> rows;  // of the data set
  int64_t length = 0;         // T tokens, or N samples of sound
};

/// A card's preprocessing as engine/audio takes it.
[[nodiscard]] WaveformRecipe waveform_recipe(const models::AudioRecipe& audio);

/// The batches of all chunks that are still to do, in order.
class BatchList {
 public:
  BatchList(const ExtractInput& input, const models::ModelCard& card, const ExtractOptions& options,
            const FeatureSink& sink);

  [[nodiscard]] std::optional<Batch> next();
  /// Valid rows in chunks still to do, at the start.
  [[nodiscard]] int64_t rows_to_run() const { return rows_to_run_; }
  /// How many of them are recordings that do not fit the model whole.
  [[nodiscard]] int64_t recordings_to_cut() const { return recordings_to_cut_; }

 private:
  void plan_chunk(int64_t first_row);
  void count(std::span<const int64_t> rows);
  [[nodiscard]] std::vector<TextBatch> split(std::span<const int64_t> rows) const;
  [[nodiscard]] std::vector<TextBatch> split_recordings(std::span<const int64_t> rows) const;

  const ExtractInput& input_;
  const models::ModelCard& card_;
  const ExtractOptions& options_;
  std::vector<int64_t> chunks_;  // first rows
  int64_t rows_to_run_ = 0;
  int64_t recordings_to_cut_ = 0;
  size_t next_chunk_ = 0;
  std::vector<Batch> batches_;  // of the chunk at hand
  size_t next_batch_ = 0;
};

/// Inputs of one batch, ready to run: ids and mask [B, T], waveforms [B, N], or pixels
/// [B, 3, H, H], in whose place a device gets the decoded pictures.
struct PreparedBatch {
  Batch batch;
  std::vector<float> pixels;
  std::vector<Picture> pictures;
  PaddedTokens tokens;
  std::vector<float> waveforms;
};

[[nodiscard]] PreparedBatch prepare_batch(Batch batch, const ExtractInput& input,
                                          const models::ModelCard& card);

/// For a device, which prepares pictures by itself.
[[nodiscard]] PreparedBatch decode_batch(Batch batch, const ExtractInput& input,
                                         const models::ModelCard& card);

[[nodiscard]] models::BatchFeatures run_batch(const PreparedBatch& prepared,
                                              models::Runner& runner);

}  // namespace consilience::engine::extraction
