#include "engine/open_study.h"
#include "engine/store/commit.h"
#include "engine/store/safetensors.h"
#include "engine/tasks/extract_to_store.h"
#include "engine/tasks/records.h"
#include "engine/tasks/tasks.h"
#include "engine/text/token_packs.h"
#include "models/device_runner.h"
#include "models/runner.h"

namespace consilience::engine {
namespace {

TokenPack read_pack(const Safetensors& file) {
  const std::string where = file.path().string();
  return {copy_tensor<int32_t>(file.at("ids"), where),
          copy_tensor<int64_t>(file.at("offsets"), where),
          copy_tensor<int64_t>(file.at("bytes"), where)};
}

/// The token pack of a model's tokenizer: a record beside the data set's, made by the exporter's
/// Python when it is missing.
TokenPack token_pack(const StudyContext& context, const ZooModel& model) {
  const DataSet& data = context.inputs().data;
  const TokenizeJob job{model.package / "tokenizer.json", model.card.tokens->tokenizer_sha256,
                        model.card.tokens->max_tokens, captions_of(data)};
  const std::filesystem::path file = token_pack_name(job);
  const std::string record = fmt::format("data/{}/{}.json", data.key(), file.stem().string());
  const Store& store = context.store();
  if (!store.has_record(record)) {
    const std::filesystem::path scratch = store.root() / "tmp";
    const TokenPack pack = obtain_token_pack(
        job, scratch, scratch, [](const auto& path) { return read_pack(Safetensors(path)); });
    const auto total = static_cast<int64_t>(pack.ids.size());
    store.commit_record(
        record,
        {{"kind", "tokens"}, {"tokenizer", job.tokenizer_sha256}, {"max_tokens", job.max_tokens}},
        {tensor("ids", {total}, pack.ids), tensor("offsets", {pack.rows() + 1}, pack.offsets),
         tensor("bytes", {pack.rows()}, pack.bytes)});
    std::filesystem::remove(scratch / file);
  }
  TokenPack pack = read_pack(store.open_data(record, store.read_record(record)));
  check_token_pack(pack, job, record);
  return pack;
}

models::RunnerOptions runner_options(const StudyContext& context, const ZooModel& model) {
  models::RunnerOptions options;
  const kernels::Context& where = context.kernels();
  if (where.backend == kernels::Backend::cuda)
    options.device = fmt::format("cuda:{}", where.first_device);
  options.compute = compute_of(context.study().features, model.card);
  return options;
}

}  // namespace

bool extract_done(StudyContext& context, const Task& task) {
  return features_complete(context.store(), context.recipe(context.model(task.inputs.at("key"))));
}

void run_extract(StudyContext& context, const Task& task) {
  const ZooModel& model = context.model(task.inputs.at("key"));
  expect_numerics_class(context.study(), context.inputs().numerics, context.kernels());
  ExtractInput input{&context.inputs().data, nullptr};
  TokenPack tokens;
  if (model.card.modality == models::Modality::text) {
    tokens = token_pack(context, model);
    input.tokens = &tokens;
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
  context.store().commit_record(
      released_name(key),
      {{"kind", "released"},
       {"digest", context.features_digest(context.model(task.inputs.at("key")))}});
  context.store().drop_records(chunk_record_names(recipe));
}

}  // namespace consilience::engine
