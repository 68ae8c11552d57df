#include "engine/extract/extract.h"

#include "engine/open_study.h"
#include "engine/store/commit.h"
#include "engine/store/feature_writer.h"
#include "engine/store/safetensors.h"
#include "engine/tasks/records.h"
#include "engine/tasks/tasks.h"
#include "engine/text/token_packs.h"
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

}  // namespace

bool extract_done(StudyContext& context, const Task& task) {
  return features_complete(context.store(), context.recipe(context.model(task.inputs.at("key"))));
}

void run_extract(StudyContext& context, const Task& task) {
  const ZooModel& model = context.model(task.inputs.at("key"));
  const DataSet& data = context.inputs().data;
  expect_numerics_class(context.inputs().numerics, context.options().device);

  TokenPack tokens;
  ExtractInput input{&data, nullptr};
  if (model.card.modality == models::Modality::text) {
    tokens = token_pack(context, model);
    input.tokens = &tokens;
  }
  models::RunnerOptions runner_options;
  runner_options.device = context.options().device;
  runner_options.compute = context.study().features.compute;
  const auto runner = models::open_runner(model.package, runner_options);

  const FeatureRecipe recipe = context.recipe(model);
  FeatureWriter writer(
      context.store(), recipe, data.valid,
      {{"archive_sha256", model.card.archive_sha256}, {"torch", models::torch_version()}});
  ExtractOptions options;
  options.workers = context.options().threads;
  options.chunk_rows = writer.chunk_rows();
  options.quiet = context.options().quiet;
  extract(input, *runner, recipe.slots, options, writer);
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
  std::vector<std::string> records;
  for (int64_t row = 0; row < recipe.rows; row += chunk_rows(recipe))
    records.push_back(chunk_record_name(key, row));
  context.store().drop_records(records);
}

}  // namespace consilience::engine
