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
// The rest is for what one sample does not show: other shapes, larger pictures, fragmentation.
constexpr double kShare = 0.8;

int64_t length_of(const ExtractInput& input, int64_t row) {
  return std::ssize(input.tokens->row(row));
}

/// The row that needs most, as far as that can be told; nothing where no row is valid.
std::optional<int64_t> largest_row(const ExtractInput& input) {
  const std::vector<int64_t> rows = input.data->valid_rows();
  if (rows.empty()) return std::nullopt;
  if (input.tokens == nullptr) return rows.front();
  return *std::ranges::max_element(rows, {}, [&](int64_t row) { return length_of(input, row); });
}

/// Runs batches of one sample again and again.
class Trial {
 public:
  Trial(models::DeviceRunner& runner, const ExtractInput& input, int64_t row)
      : runner_(runner), text_(runner.card().modality == models::Modality::text) {
    if (text_) length_ = length_of(input, row);
    one_ = extraction::decode_batch({0, 1, false, {row}, length_}, input, runner.card());
  }

  [[nodiscard]] int64_t most() const {
    return text_ ? std::max<int64_t>(1, kMostTokens / length_) : kMostPictures;
  }
  [[nodiscard]] BatchPolicy policy(int64_t samples) const {
    BatchPolicy policy;
    (text_ ? policy.tokens : policy.pictures) = text_ ? samples * length_ : samples;
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
    batch.batch.rows.assign(times, one_.batch.rows.front());
    if (!text_) batch.pictures.assign(times, one_.pictures.front());
    for (auto* part : {&batch.tokens.ids, &batch.tokens.mask}) {
      const std::vector<int64_t> row = *part;
      for (size_t i = 1; i < times; ++i) part->insert(part->end(), row.begin(), row.end());
    }
    return batch;
  }

  models::DeviceRunner& runner_;
  bool text_;
  int64_t length_ = 0;
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
         runner.card().key(),
         runner.card().modality == models::Modality::text ? "caption" : "picture",
         runner.memory().free / 1'000'000, error.what());
  }
}

}  // namespace

BatchPolicy find_batch(models::DeviceRunner& runner, const ExtractInput& input) {
  const std::optional<int64_t> row = largest_row(input);
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
  const bool text = card.modality == models::Modality::text;
  int64_t& size = text ? half.tokens : half.pictures;
  const int64_t one = text ? length_of(input, largest_row(input).value_or(0)) : 1;
  if (size <= one) return std::nullopt;
  size = std::max(one, size / 2);
  return half;
}

}  // namespace consilience::engine
