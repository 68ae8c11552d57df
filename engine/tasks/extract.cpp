#include "engine/open_study.h"
#include "engine/tasks/capability.h"
#include "engine/tasks/device_options.h"
#include "engine/tasks/extract_endpoint.h"
#include "engine/tasks/extract_to_store.h"
#include "engine/tasks/records.h"
#include "engine/tasks/tasks.h"
#include "engine/tasks/token_record.h"
#include "models/device_runner.h"
#include "models/runner.h"

namespace consilience::engine {
namespace {

models::RunnerOptions runner_options(const StudyContext& context, const ZooModel& model) {
  models::RunnerOptions options = device_options(context.kernels());
  options.compute = compute_of(context.study().features, model.card);
  return options;
}

void tell_truncation(const StudyContext& context, const ZooModel& model) {
  const DataSet& data = context.inputs().data;
  const int64_t cut = truncated_captions(context.store(), data, model);
  if (cut > 0 && !context.options().quiet)
    fmt::print(stderr, "{}: {}\n", model.card.name,
               truncation_text(cut, std::ssize(data.valid_rows()), model.card.tokens->max_tokens));
}

}  // namespace

bool extract_done(StudyContext& context, const Task& task) {
  return features_complete(context.store(), context.recipe(context.model(task.inputs.at("key"))));
}

void run_extract(StudyContext& context, const Task& task) {
  const ZooModel& model = context.model(task.inputs.at("key"));
  if (model.card.endpoint) return extract_endpoint(context, model);
  expect_numerics_class(context.study(), context.inputs().numerics, context.kernels());
  const DataSet& data = context.inputs().data;
  ExtractInput input{&data, nullptr};
  TokenPack tokens;
  if (model.card.modality == models::Modality::text) {
    tokens = stored_token_pack(context.store(), data, model);
    input.tokens = &tokens;
    tell_truncation(context, model);
  }
  if (context.kernels().backend == kernels::Backend::cuda)
    extract_to_store(context, model, input,
                     *models::open_device_runner(model.package, runner_options(context, model)));
  else
    extract_to_store(context, model, input,
                     *models::open_runner(model.package, runner_options(context, model)));
}

void release_features(StudyContext& context, const Task& task) {
  if (context.study().store.keep == "features") return;
  const FeatureRecipe recipe = context.recipe(context.model(task.inputs.at("key")));
  if (!features_complete(context.store(), recipe)) return;
  const std::string key = feature_key(recipe);
  const StoredFeatures features(context.store(), key);
  Json record = {{"kind", "released"}, {"digest", features.digest()}};
  if (const Json bits = released_bits(features); !bits.is_null()) record["bits_per_byte"] = bits;
  context.store().commit_record(released_name(key), record);
  context.store().drop_records(chunk_record_names(recipe));
}

}  // namespace consilience::engine
