#include "engine/tasks/caption_scalars.h"

#include "engine/base/hash.h"
#include "engine/covariates.h"
#include "engine/extract/auto_batch.h"
#include "engine/extract/extract.h"
#include "engine/open_study.h"
#include "engine/store/safetensors.h"
#include "engine/tasks/device_options.h"
#include "engine/tasks/token_record.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr int64_t kChunkRows = 4096;

/// Keeps the scalars of valid rows; features are not asked for.
class ScalarSink : public FeatureSink {
 public:
  explicit ScalarSink(const DataSet& data) : data_(data) {}

  [[nodiscard]] bool has_chunk(int64_t /*first_row*/) const override { return false; }

  void accept(const FeatureChunk& chunk) override {
    for (int64_t row = 0; row < chunk.rows; ++row) {
      if (data_.valid[static_cast<size_t>(chunk.first_row + row)] == 0) continue;
      for (size_t s = 0; s < chunk.scalar_names.size(); ++s)
        if (auto* column = column_named(chunk.scalar_names[s]))
          column->push_back(chunk.scalars(row, static_cast<int64_t>(s)));
    }
  }

  CaptionScalars scalars;

 private:
  std::vector<float>* column_named(const std::string& name) {
    if (name == "nll") return &scalars.nll;
    if (name == "tokens") return &scalars.tokens;
    return name == "bytes" ? &scalars.bytes : nullptr;
  }

  const DataSet& data_;
};

CaptionScalars run(const TokenPack& pack, const DataSet& data, const ZooModel& model,
                   const kernels::Context& where, bool quiet) {
  const ExtractInput input{&data, &pack};
  ScalarSink sink(data);
  ExtractOptions options;
  options.workers = where.threads;
  options.chunk_rows = kChunkRows;
  options.quiet = quiet;
  const models::RunnerOptions runner = device_options(where);
  if (where.backend == kernels::Backend::cuda) {
    const auto opened = models::open_device_runner(model.package, runner);
    options.batch = find_batch(*opened, input);
    extract(input, *opened, {}, options, sink);
  } else {
    extract(input, *models::open_runner(model.package, runner), {}, options, sink);
  }
  return std::move(sink.scalars);
}

CaptionScalars read(const Store& store, const std::string& record) {
  const Safetensors file = store.open_data(record, store.read_record(record));
  const auto column = [&](const char* name) { return copy_tensor<float>(file.at(name), record); };
  return {column("nll"), column("tokens"), column("bytes")};
}

}  // namespace

CaptionScalars caption_scalars(const Store& store, const DataSet& data, const ZooModel& model,
                               const kernels::Context& where, bool quiet) {
  if (!measures_bits_per_byte(model.card))
    fail(Failure::usage,
         "model '{}' predicts no tokens: bits per byte are of causal language models",
         model.card.name);
  const TokenPack pack = stored_token_pack(store, data, model);
  const std::string hash = hash_of({{"identity", model.card.identity_hash},
                                    {"captions", token_pack_name(tokenize_job(data, model))},
                                    {"numerics", numerics_class(Study{}, where)}});
  const std::string record =
      fmt::format("data/{}/nll-{}.{}.json", data.key(), model.card.name, hash.substr(0, 16));
  if (!store.has_record(record)) {
    const CaptionScalars made = run(pack, data, model, where, quiet);
    const int64_t n = std::ssize(made.nll);
    store.commit_record(record, {{"kind", "nll"}, {"model", model.card.key()}},
                        {tensor("nll", {n}, made.nll), tensor("tokens", {n}, made.tokens),
                         tensor("bytes", {n}, made.bytes)});
  }
  return read(store, record);
}

}  // namespace consilience::engine
