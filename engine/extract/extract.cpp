#include "engine/extract/extract.h"

#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <chrono>

#include "engine/base/cancel.h"
#include "engine/base/progress.h"
#include "engine/extract/batch.h"
#include "engine/extract/chunk_assembler.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using extraction::Batch;
using extraction::PreparedBatch;

struct FinishedBatch {
  Batch batch;
  models::BatchFeatures features;
};

/// Nanoseconds of all threads in one part of the pipeline.
class Clock {
 public:
  template <typename Work>
  auto time(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    total_ += std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
    return result;
  }
  [[nodiscard]] int64_t total() const { return total_; }

 private:
  std::atomic<int64_t> total_{0};
};

void check_input(const ExtractInput& input, const models::ModelCard& card,
                 const ExtractOptions& options) {
  expect(input.data != nullptr, "extract: no data set");
  expect(options.chunk_rows > 0 && options.batch.pictures > 0 && options.batch.tokens > 0,
         "extract: rows a chunk, pictures and tokens a batch must be above 0");
  if (card.modality != models::Modality::text) return;
  expect(input.tokens != nullptr && input.tokens->rows() == input.data->rows(),
         "model {}: expected a token pack of {} rows", card.key(), input.data->rows());
}

/// next batch -> prepare -> run -> assemble. The batches in flight bound the memory; whoever
/// prepares a batch goes on to run it, so preparing overlaps with running on other threads.
class Pipeline {
 public:
  Pipeline(const ExtractInput& input, models::Runner& runner, const std::vector<FeatureSlot>& slots,
           const ExtractOptions& options, FeatureSink& sink)
      : input_(input),
        runner_(runner),
        batches_(input, runner.card(), options, sink),
        assembler_(input, runner.card(), slots, sink),
        progress_(runner.card().key(), batches_.rows_to_run(),
                  runner.card().modality == models::Modality::text ? "captions" : "pictures",
                  options.quiet) {}

  void run(int workers) {
    using tbb::filter_mode;
    const filter_mode running =
        runner_.concurrent() ? filter_mode::parallel : filter_mode::serial_in_order;
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
                  running, [this](PreparedBatch batch) { return infer(std::move(batch)); }) &
              tbb::make_filter<FinishedBatch, void>(
                  filter_mode::serial_in_order,
                  [this](const FinishedBatch& batch) { finish(batch); }));
    });
    progress_.finish();
  }

 private:
  Batch next(tbb::flow_control& flow) {
    throw_if_cancelled();
    std::optional<Batch> batch = batches_.next();
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
    assembler_.add(finished.batch, finished.features);
    progress_.advance(static_cast<int64_t>(finished.batch.rows.size()));
    const bool input_bound = preparing_.total() > running_.total();
    progress_.note(input_bound ? "reading is the bottleneck" : "the model is the bottleneck");
  }

  const ExtractInput& input_;
  models::Runner& runner_;
  extraction::BatchList batches_;
  extraction::ChunkAssembler assembler_;
  Progress progress_;
  Clock preparing_;
  Clock running_;
};

}  // namespace

std::string describe(const BatchPolicy& policy) {
  return fmt::format("pictures={},tokens={}", policy.pictures, policy.tokens);
}

std::vector<std::string> scalar_names(const models::ModelCard& card) {
  std::vector<std::string> names = card.scalars;
  if (!names.empty() && card.modality == models::Modality::text) names.emplace_back("bytes");
  return names;
}

void extract(const ExtractInput& input, models::Runner& runner,
             const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
             FeatureSink& sink) {
  check_input(input, runner.card(), options);
  Pipeline pipeline(input, runner, slots, options, sink);
  pipeline.run(options.workers > 0 ? options.workers : tbb::info::default_concurrency());
}

}  // namespace consilience::engine
