#include "engine/extract/batch.h"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "engine/audio/batches.h"
#include "engine/data/files.h"
#include "engine/image/prepare.h"
#include "models/pixel_recipe.h"

namespace consilience::engine::extraction {
namespace {

std::vector<int64_t> valid_rows_between(const DataSet& data, int64_t first, int64_t end) {
  std::vector<int64_t> rows;
  for (int64_t row = first; row < end; ++row)
    if (data.valid[static_cast<size_t>(row)] != 0) rows.push_back(row);
  return rows;
}

Picture decoded(const DataSet& data, const models::PixelRecipe& pixels, int64_t row) {
  const Sample& sample = data.samples[static_cast<size_t>(row)];
  DecodeOptions options;
  options.alpha = pixels.alpha == "drop" ? Alpha::drop : Alpha::white;
  options.exif = pixels.exif == "apply" ? Exif::apply : Exif::ignore;
  return decode(read_bytes(data.root / sample.image), sample.image, options);
}

void prepare_pictures(const DataSet& data, const models::PixelRecipe& pixels,
                      PreparedBatch& prepared) {
  const kernels::PictureRecipe recipe = models::picture_recipe(pixels);
  const size_t size =
      size_t{3} * static_cast<size_t>(recipe.crop) * static_cast<size_t>(recipe.crop);
  prepared.pixels.resize(prepared.batch.rows.size() * size);
  std::span<float> out(prepared.pixels);
  for (const int64_t row : prepared.batch.rows) {
    prepare(decoded(data, pixels, row), recipe, out.first(size));
    out = out.subspan(size);
  }
}

/// A device's batches are large: their pictures are decoded side by side.
std::vector<Picture> decoded_at_once(const DataSet& data, const models::PixelRecipe& pixels,
                                     const std::vector<int64_t>& rows) {
  std::vector<Picture> pictures(rows.size());
  tbb::parallel_for(size_t{0}, rows.size(),
                    [&](size_t i) { pictures[i] = decoded(data, pixels, rows[i]); });
  return pictures;
}

/// Each row's waveform, side by side where many are wanted at once.
std::vector<float> waveforms(const Batch& batch, const DataSet& data,
                             const models::AudioRecipe& audio, bool at_once) {
  const WaveformRecipe recipe = waveform_recipe(audio);
  const auto length = static_cast<size_t>(batch.length);
  std::vector<float> all(batch.rows.size() * length);
  const auto fill = [&](size_t b) {
    const auto row = static_cast<size_t>(batch.rows[b]);
    const std::string& file = data.samples[row].audio;
    const std::vector<float> one =
        make_waveform(read_bytes(data.root / file), file, data.recordings[row], recipe);
    std::ranges::copy(one, all.begin() + static_cast<ptrdiff_t>(b * length));
  };
  if (at_once)
    tbb::parallel_for(size_t{0}, batch.rows.size(), fill);
  else
    for (size_t b = 0; b < batch.rows.size(); ++b) fill(b);
  return all;
}

PaddedTokens padded(const Batch& batch, const TokenPack& pack, const models::TokenRecipe& tokens) {
  return pad(pack, {batch.rows, batch.length}, tokens.padding_id, tokens.padding_side == "left");
}

}  // namespace

WaveformRecipe waveform_recipe(const models::AudioRecipe& audio) {
  return {audio.sample_rate, audio.max_samples, audio.normalise == "unit"};
}

BatchList::BatchList(const ExtractInput& input, const models::ModelCard& card,
                     const ExtractOptions& options, const FeatureSink& sink)
    : input_(input), card_(card), options_(options) {
  const int64_t n = input.data->rows();
  for (int64_t first = 0; first < n; first += options.chunk_rows) {
    if (sink.has_chunk(first)) continue;
    chunks_.push_back(first);
    const int64_t end = std::min(n, first + options.chunk_rows);
    count(valid_rows_between(*input.data, first, end));
  }
}

void BatchList::count(std::span<const int64_t> rows) {
  rows_to_run_ += std::ssize(rows);
  if (!card_.audio) return;
  recordings_to_cut_ += std::ranges::count_if(rows, [&](int64_t row) {
    return resampled_length(input_.data->recordings[static_cast<size_t>(row)],
                            card_.audio->sample_rate) > card_.audio->max_samples;
  });
}

std::vector<TextBatch> BatchList::split_recordings(std::span<const int64_t> rows) const {
  const WaveformRecipe recipe = waveform_recipe(*card_.audio);
  std::vector<int64_t> lengths;
  for (const int64_t row : rows)
    lengths.push_back(waveform_length(input_.data->recordings[static_cast<size_t>(row)], recipe));
  std::vector<TextBatch> batches;
  for (auto& part : plan_waveform_batches(rows, lengths, options_.batch.audio_samples))
    batches.push_back({std::move(part.rows), part.samples});
  return batches;
}

std::vector<TextBatch> BatchList::split(std::span<const int64_t> rows) const {
  if (card_.modality == models::Modality::text)
    return plan_batches(*input_.tokens, rows, options_.batch.tokens);
  if (card_.modality == models::Modality::audio) return split_recordings(rows);
  std::vector<TextBatch> batches;
  const auto most = static_cast<size_t>(options_.batch.pictures);
  for (size_t start = 0; start < rows.size(); start += most) {
    const auto some = rows.subspan(start, std::min(most, rows.size() - start));
    batches.push_back({{some.begin(), some.end()}, 0});
  }
  return batches;
}

void BatchList::plan_chunk(int64_t first_row) {
  const int64_t end = std::min(input_.data->rows(), first_row + options_.chunk_rows);
  const std::vector<int64_t> rows = valid_rows_between(*input_.data, first_row, end);
  batches_.clear();
  next_batch_ = 0;
  for (TextBatch& part : split(rows))
    batches_.push_back({first_row, end - first_row, false, std::move(part.rows), part.length});
  if (batches_.empty()) batches_.push_back({first_row, end - first_row, false, {}, 0});
  batches_.back().last_of_chunk = true;
}

std::optional<Batch> BatchList::next() {
  if (next_batch_ == batches_.size()) {
    if (next_chunk_ == chunks_.size()) return std::nullopt;
    plan_chunk(chunks_[next_chunk_++]);
  }
  return std::move(batches_[next_batch_++]);
}

PreparedBatch prepare_batch(Batch batch, const ExtractInput& input, const models::ModelCard& card) {
  PreparedBatch prepared;
  prepared.batch = std::move(batch);
  if (card.modality == models::Modality::text)
    prepared.tokens = padded(prepared.batch, *input.tokens, *card.tokens);
  else if (card.modality == models::Modality::audio)
    prepared.waveforms = waveforms(prepared.batch, *input.data, *card.audio, false);
  else
    prepare_pictures(*input.data, *card.pixels, prepared);
  return prepared;
}

PreparedBatch decode_batch(Batch batch, const ExtractInput& input, const models::ModelCard& card) {
  PreparedBatch prepared;
  prepared.batch = std::move(batch);
  if (card.modality == models::Modality::text)
    prepared.tokens = padded(prepared.batch, *input.tokens, *card.tokens);
  else if (card.modality == models::Modality::audio)
    prepared.waveforms = waveforms(prepared.batch, *input.data, *card.audio, true);
  else
    prepared.pictures = decoded_at_once(*input.data, *card.pixels, prepared.batch.rows);
  return prepared;
}

models::BatchFeatures run_batch(const PreparedBatch& prepared, models::Runner& runner) {
  const auto size = static_cast<int64_t>(prepared.batch.rows.size());
  if (size == 0) return {};
  if (runner.card().modality == models::Modality::text)
    return runner.run(
        models::TokenBatch{prepared.tokens.ids, prepared.tokens.mask, size, prepared.batch.length});
  if (runner.card().modality == models::Modality::audio)
    return runner.run(models::AudioBatch{prepared.waveforms, size, prepared.batch.length});
  const int64_t side = runner.card().pixels->crop;
  return runner.run(models::PixelBatch{prepared.pixels, size, side, side});
}

}  // namespace consilience::engine::extraction
