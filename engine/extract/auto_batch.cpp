#include "engine/extract/auto_batch.h"

#include <algorithm>
#include <bit>

#include "engine/extract/device_loop.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using extraction::DeviceLoop;
using extraction::PreparedBatch;

// Beyond, devices are busy anyway, and the host needs memory for decoded pictures.
constexpr int64_t kMostPictures = 256;
constexpr int64_t kMostTokens = 16'384;
constexpr int64_t kMostSamples = 16'000 * 600;  // of sound: ten minutes
// The rest is for what one sample does not show: other shapes, larger pictures, fragmentation.
constexpr double kShare = 0.8;

/// What a batch of a modality is bounded by, and what the messages call one sample.
struct Measure {
  int64_t BatchPolicy::*size;
  int64_t most;
  const char* one;
};

Measure measure_of(const models::ModelCard& card) {
  switch (card.modality) {
    case models::Modality::text:
      return {&BatchPolicy::tokens, kMostTokens, "caption"};
    case models::Modality::audio:
      return {&BatchPolicy::audio_samples, kMostSamples, "recording"};
    case models::Modality::vision:
      break;
  }
  return {&BatchPolicy::pictures, kMostPictures, "picture"};
}

/// Tokens, samples of sound, or 1: what a row counts in a batch.
int64_t length_of(const ExtractInput& input, const models::ModelCard& card, int64_t row) {
  if (card.tokens) return std::ssize(input.tokens->row(row));
  if (!card.audio) return 1;
  return waveform_length(input.data->recordings[static_cast<size_t>(row)],
                         extraction::waveform_recipe(*card.audio));
}

/// The row that needs most, as far as that can be told; nothing where no row is valid.
std::optional<int64_t> largest_row(const ExtractInput& input, const models::ModelCard& card) {
  const std::vector<int64_t> rows = input.data->valid_rows();
  if (rows.empty()) return std::nullopt;
  return *std::ranges::max_element(rows, {},
                                   [&](int64_t row) { return length_of(input, card, row); });
}

/// `times` copies of itself, one after another.
template <typename T>
void repeat(std::vector<T>& values, size_t times) {
  const std::vector<T> one = values;
  values.clear();
  for (size_t i = 0; i < times; ++i) values.insert(values.end(), one.begin(), one.end());
}

/// Runs batches of one sample again and again.
class Trial {
 public:
  Trial(models::DeviceRunner& runner, const ExtractInput& input, int64_t row)
      : runner_(runner),
        measure_(measure_of(runner.card())),
        length_(length_of(input, runner.card(), row)),
        one_(extraction::decode_batch({0, 1, false, {row}, length_}, input, runner.card())) {}

  [[nodiscard]] int64_t most() const { return std::max<int64_t>(1, measure_.most / length_); }
  [[nodiscard]] BatchPolicy policy(int64_t samples) const {
    BatchPolicy policy;
    policy.*measure_.size = samples * length_;
    return policy;
  }

  /// Error(out_of_memory) when so many do not fit.
  void run(int64_t samples) {
    const PreparedBatch batch = repeated(static_cast<size_t>(samples));
    DeviceLoop loop(runner_, [](const auto&, const auto&) {});
    for (size_t i = 0; i < DeviceLoop::kBatches; ++i) loop.submit(batch);
    loop.finish();
  }

  /// Whether so many fit.
  [[nodiscard]] bool fits(int64_t samples) {
    try {
      run(samples);
      return true;
    } catch (const Error& error) {
      if (error.kind() != Failure::out_of_memory) throw;
      runner_.forget_unused();
      return false;
    }
  }

 private:
  [[nodiscard]] PreparedBatch repeated(size_t times) const {
    PreparedBatch batch = one_;
    repeat(batch.batch.rows, times);
    repeat(batch.pictures, times);
    repeat(batch.tokens.ids, times);
    repeat(batch.tokens.mask, times);
    repeat(batch.waveforms, times);
    return batch;
  }

  models::DeviceRunner& runner_;
  Measure measure_;
  int64_t length_;
  PreparedBatch one_;
};

/// Bytes that one sample needs. The first run also sets up the libraries' workspaces.
int64_t bytes_of_one(models::DeviceRunner& runner, Trial& trial) {
  try {
    trial.run(1);
    runner.forget_unused();
    const int64_t before = runner.memory().used;
    trial.run(1);
    return std::max<int64_t>(1, runner.memory().most_used - before);
  } catch (const Error& error) {
    if (error.kind() != Failure::out_of_memory) throw;
    runner.forget_unused();
    fail(Failure::out_of_memory, "model {}: one {} does not fit the device, {} MB are free: {}",
         runner.card().key(), measure_of(runner.card()).one, runner.memory().free / 1'000'000,
         error.what());
  }
}

}  // namespace

BatchPolicy find_batch(models::DeviceRunner& runner, const ExtractInput& input) {
  const std::optional<int64_t> row = largest_row(input, runner.card());
  if (!row) return {};
  Trial trial(runner, input, *row);
  const int64_t one = bytes_of_one(runner, trial);
  const double room = kShare * static_cast<double>(runner.memory().free);
  const auto guess =
      std::clamp<int64_t>(static_cast<int64_t>(room / static_cast<double>(one)), 1, trial.most());
  auto samples = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(guess)));
  while (samples > 1 && !trial.fits(samples)) samples /= 2;
  return trial.policy(samples);
}

std::optional<BatchPolicy> half_of(const BatchPolicy& policy, const models::ModelCard& card,
                                   const ExtractInput& input) {
  BatchPolicy half = policy;
  int64_t& size = half.*measure_of(card).size;
  const int64_t one = length_of(input, card, largest_row(input, card).value_or(0));
  if (size <= one) return std::nullopt;
  size = std::max(one, size / 2);
  return half;
}

}  // namespace consilience::engine
