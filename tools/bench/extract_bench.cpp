// Times extraction alone: one line of JSON, wall and CPU seconds of the whole process between the
// loaded model and the last chunk; --in-memory: of the runner alone, on batches that were prepared
// before. tools/bench/extract.py calls it.
//
//   extract_bench --package store/models/minilm-l6@... --data emoji-things --store store
#include <CLI/CLI.hpp>
#include <iostream>

#include "engine/audio/waveform.h"
#include "engine/base/json.h"
#include "engine/base/usage.h"
#include "engine/data/open.h"
#include "engine/extract/batch.h"
#include "engine/extract/extract.h"
#include "engine/image/picture.h"
#include "engine/store/token_pack_file.h"
#include "engine/text/token_packs.h"
#include "kernels/base/error.h"

namespace {

using namespace consilience;
using namespace consilience::engine;

class SumSink : public FeatureSink {
 public:
  [[nodiscard]] bool has_chunk(int64_t) const override { return false; }
  void accept(const FeatureChunk& chunk) override {
    for (const Matrix<float>& slot : chunk.slots)
      for (const float value : slot.values()) sum += static_cast<double>(value);
  }
  double sum = 0;
};

std::vector<FeatureSlot> all_slots(const models::ModelCard& card) {
  std::vector<FeatureSlot> slots;
  for (const models::Layer& layer : card.layers)
    slots.push_back({layer.name, card.poolings.back(), layer.width});
  return slots;
}

struct Arguments {
  std::string package, data = "emoji-things", store = "store";
  ExtractOptions options;
  int64_t limit = 0;
  int intra_op = 1;
  bool in_memory = false;
};

std::vector<extraction::PreparedBatch> prepare_all(const ExtractInput& input,
                                                   const models::ModelCard& card,
                                                   const ExtractOptions& options,
                                                   const FeatureSink& sink) {
  extraction::BatchList list(input, card, options, sink);
  std::vector<extraction::PreparedBatch> batches;
  while (auto batch = list.next())
    batches.push_back(extraction::prepare_batch(std::move(*batch), input, card));
  return batches;
}

/// The first batches once more, ahead of the clock: the first calls of a network are slow.
void warm_up(const std::vector<extraction::PreparedBatch>& batches, models::Runner& runner) {
  for (size_t i = 0; i < std::min<size_t>(2, batches.size()); ++i)
    static_cast<void>(extraction::run_batch(batches[i], runner));
}

void time_extraction(const Arguments& arguments) {
  const auto runner = models::open_runner(arguments.package, {"cpu", arguments.intra_op, "f32"});
  const models::ModelCard& card = runner->card();
  const bool text = card.modality == models::Modality::text;
  DataOptions data_options;
  data_options.limit = arguments.limit;
  data_options.store = arguments.store;
  data_options.pictures = card.modality == models::Modality::vision;
  data_options.captions = text;
  data_options.recordings = card.modality == models::Modality::audio;
  data_options.check_recording = check_recording;
  const DataSet data = open_data_set(arguments.data, data_options);
  TokenPack pack;
  if (text) {
    const std::filesystem::path scratch = std::filesystem::temp_directory_path();
    pack = obtain_token_pack(
        {std::filesystem::path(arguments.package) / "tokenizer.json", card.tokens->tokenizer_sha256,
         card.tokens->max_tokens, card.tokens->vocabulary, captions_of(data)},
        scratch, scratch, [](const auto& path) { return read_token_pack(Safetensors(path)); });
  }
  SumSink sink;
  const ExtractInput input{&data, &pack};
  std::vector<extraction::PreparedBatch> batches;
  if (arguments.in_memory) {
    batches = prepare_all(input, card, arguments.options, sink);
    warm_up(batches, *runner);
  }
  const double cpu = cpu_seconds();
  const double wall = wall_seconds();
  if (arguments.in_memory)
    for (const auto& batch : batches) static_cast<void>(extraction::run_batch(batch, *runner));
  else
    extract(input, *runner, all_slots(card), arguments.options, sink);
  const Json result{{"model", card.name},
                    {"samples", data.rows()},
                    {"cpu_s", cpu_seconds() - cpu},
                    {"wall_s", wall_seconds() - wall},
                    {"policy", describe(arguments.options.batch)},
                    {"checksum", sink.sum}};
  std::cout << result.dump() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times the extraction of one model over one data set.");
  Arguments arguments;
  arguments.options.chunk_rows = 1 << 20;
  arguments.options.quiet = true;
  app.add_option("--package", arguments.package, "model package")->required();
  app.add_option("--data", arguments.data, "data source");
  app.add_option("--store", arguments.store, "where built-in data sets lie");
  app.add_option("--limit", arguments.limit, "first so many samples");
  app.add_flag("--in-memory", arguments.in_memory, "the runner alone, on prepared batches");
  app.add_option("--workers", arguments.options.workers, "threads; 0: all cores");
  app.add_option("--intra-op", arguments.intra_op, "threads inside an operation");
  app.add_option("--pictures", arguments.options.batch.pictures, "pictures a batch");
  app.add_option("--tokens", arguments.options.batch.tokens, "tokens a batch");
  app.add_option("--audio-samples", arguments.options.batch.audio_samples, "samples a batch");
  CLI11_PARSE(app, argc, argv);
  try {
    time_extraction(arguments);
  } catch (const Error& error) {
    std::cerr << "extract_bench: " << error.what() << '\n';
    return static_cast<int>(error.kind());
  }
}
