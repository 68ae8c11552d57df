#include "engine/tasks/extract_to_store.h"

#include "engine/extract/auto_batch.h"
#include "engine/store/feature_writer.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

Json digests(const std::vector<models::Segment>& segments) {
  Json all = Json::array();
  for (const auto& segment : segments) all.push_back(segment.sha256);
  return all;
}

/// Under the batch that is kept.
template <typename Runner>
void run_what_is_missing(StudyContext& context, const ZooModel& model, const ExtractInput& input,
                         Runner& runner) {
  const FeatureRecipe recipe = context.recipe(model);
  FeatureWriter writer(
      context.store(), recipe, input.data->valid,
      {{"segments", digests(model.card.segments)}, {"torch", models::torch_version()}});
  ExtractOptions options;
  options.batch = *context.batch(model);
  options.workers = context.kernels().threads;
  options.chunk_rows = writer.chunk_rows();
  options.quiet = context.options().quiet;
  extract(input, runner, recipe.slots, options, writer);
}

}  // namespace

void extract_to_store(StudyContext& context, const ZooModel& model, const ExtractInput& input,
                      models::Runner& runner) {
  run_what_is_missing(context, model, input, runner);
}

void extract_to_store(StudyContext& context, const ZooModel& model, const ExtractInput& input,
                      models::DeviceRunner& runner) {
  if (!context.batch(model)) context.keep_batch(model, find_batch(runner, input));
  for (;;) {
    std::optional<BatchPolicy> half;
    try {
      return run_what_is_missing(context, model, input, runner);
    } catch (const Error& error) {
      if (error.kind() != Failure::out_of_memory || !context.finds_batches()) throw;
      half = half_of(*context.batch(model), model.card, input);
      if (!half) throw;
    }
    runner.forget_unused();
    context.keep_batch(model, *half);
  }
}

}  // namespace consilience::engine
