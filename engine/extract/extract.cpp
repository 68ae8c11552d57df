#include "engine/extract/extract.h"

#include <fmt/format.h>
#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include "engine/base/cancel.h"
#include "engine/extract/extraction.h"

namespace consilience::engine {
namespace {

using extraction::Batch;
using extraction::PreparedBatch;

struct FinishedBatch {
  Batch batch;
  models::BatchFeatures features;
};

/// next batch -> prepare -> run -> finish. The batches in flight bound the memory; whoever prepares
/// a batch goes on to run it, so preparing overlaps with running on other threads.
class Pipeline {
 public:
  Pipeline(const ExtractInput& input, models::Runner& runner, extraction::Extraction& extraction)
      : input_(input), runner_(runner), extraction_(extraction) {}

  void run(int workers) {
    using tbb::filter_mode;
    tbb::task_arena arena(workers);
    arena.execute([&] {
      tbb::parallel_pipeline(
          static_cast<size_t>(workers) * 2,
          tbb::make_filter<void, Batch>(filter_mode::serial_in_order,
                                        [this](tbb::flow_control& flow) { return next(flow); }) &
              tbb::make_filter<Batch, PreparedBatch>(
                  filter_mode::parallel,
                  [this](Batch batch) { return prepare(std::move(batch)); }) &
              tbb::make_filter<PreparedBatch, FinishedBatch>(
                  filter_mode::parallel,
                  [this](PreparedBatch batch) { return infer(std::move(batch)); }) &
              tbb::make_filter<FinishedBatch, void>(
                  filter_mode::serial_in_order,
                  [this](const FinishedBatch& batch) { finish(batch); }));
    });
  }

 private:
  Batch next(tbb::flow_control& flow) {
    std::optional<Batch> batch = extraction_.next();
    if (batch) return std::move(*batch);
    flow.stop();
    return {};
  }

  PreparedBatch prepare(Batch batch) {
    return preparing_.time(
        [&] { return extraction::prepare_batch(std::move(batch), input_, runner_.card()); });
  }

  FinishedBatch infer(PreparedBatch prepared) {
    throw_if_cancelled();
    models::BatchFeatures features =
        running_.time([&] { return extraction::run_batch(prepared, runner_); });
    return {std::move(prepared.batch), std::move(features)};
  }

  void finish(const FinishedBatch& finished) {
    extraction_.finish(finished.batch, finished.features, preparing_.total() > running_.total());
  }

  const ExtractInput& input_;
  models::Runner& runner_;
  extraction::Extraction& extraction_;
  extraction::Clock preparing_;
  extraction::Clock running_;
};

}  // namespace

std::string describe(const BatchPolicy& policy) {
  return fmt::format("pictures={},tokens={},audio_samples={}", policy.pictures, policy.tokens,
                     policy.audio_samples);
}

std::vector<std::string> scalar_names(const models::ModelCard& card) {
  std::vector<std::string> names = card.scalars;
  if (!names.empty() && card.modality == models::Modality::text) names.emplace_back("bytes");
  return names;
}

void extract(const ExtractInput& input, models::Runner& runner,
             const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
             FeatureSink& sink) {
  extraction::Extraction extraction(input, runner.card(), slots, options, sink);
  Pipeline pipeline(input, runner, extraction);
  pipeline.run(options.workers > 0 ? options.workers : tbb::info::default_concurrency());
  extraction.end();
}

}  // namespace consilience::engine
