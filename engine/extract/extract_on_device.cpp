#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <chrono>

#include "engine/extract/device_loop.h"
#include "engine/extract/extract.h"
#include "engine/extract/extraction.h"

namespace consilience::engine {
namespace {

using extraction::Batch;
using extraction::PreparedBatch;

constexpr size_t kBatches = 3;  // one being decoded by all threads, the others ready

/// next batch -> decode -> the device, one batch at a time and in order.
class DevicePipeline {
 public:
  DevicePipeline(const ExtractInput& input, models::DeviceRunner& runner,
                 extraction::Extraction& extraction)
      : input_(input),
        runner_(runner),
        extraction_(extraction),
        loop_(runner, [this](const Batch& batch, const models::BatchFeatures& features) {
          extraction_.finish(batch, features, device_waits());
        }) {}

  void run(int workers) {
    using tbb::filter_mode;
    tbb::task_arena arena(workers);
    arena.execute([&] {
      tbb::parallel_pipeline(
          kBatches,
          tbb::make_filter<void, Batch>(filter_mode::serial_in_order,
                                        [this](tbb::flow_control& flow) { return next(flow); }) &
              tbb::make_filter<Batch, PreparedBatch>(
                  filter_mode::parallel,
                  [this](Batch batch) {
                    return extraction::decode_batch(std::move(batch), input_, runner_.card());
                  }) &
              tbb::make_filter<PreparedBatch, void>(
                  filter_mode::serial_in_order, [this](const PreparedBatch& batch) {
                    submitting_.time([&] { loop_.submit(batch); });
                  }));
    });
    loop_.finish();
  }

 private:
  Batch next(tbb::flow_control& flow) {
    std::optional<Batch> batch = extraction_.next();
    if (batch) return std::move(*batch);
    flow.stop();
    return {};
  }

  /// Submitting takes time only where the device is behind.
  [[nodiscard]] bool device_waits() const {
    const auto elapsed = std::chrono::steady_clock::now() - start_;
    return 2 * submitting_.total() < std::chrono::nanoseconds(elapsed).count();
  }

  const ExtractInput& input_;
  models::DeviceRunner& runner_;
  extraction::Extraction& extraction_;
  extraction::Clock submitting_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  extraction::DeviceLoop loop_;
};

}  // namespace

void extract(const ExtractInput& input, models::DeviceRunner& runner,
             const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
             FeatureSink& sink) {
  extraction::Extraction extraction(input, runner.card(), slots, options, sink);
  DevicePipeline pipeline(input, runner, extraction);
  pipeline.run(options.workers > 0 ? options.workers : tbb::info::default_concurrency());
  extraction.end();
}

}  // namespace consilience::engine
