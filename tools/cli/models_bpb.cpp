#include <fmt/format.h>

#include <cmath>

#include "engine/data/open.h"
#include "engine/tasks/caption_scalars.h"
#include "engine/tasks/token_record.h"
#include "engine/text/bits_per_byte.h"
#include "tools/cli/device_flag.h"
#include "tools/cli/models_verbs.h"

namespace consilience::cli {
namespace {

struct Words {
  std::string model, source;
  int64_t limit = 0;
};

engine::DataSet captions(const Words& words, const std::string& store) {
  engine::DataOptions options;
  options.limit = words.limit;
  options.pictures = false;
  options.captions = true;
  options.store = store;
  return engine::open_data_set(words.source, options);
}

engine::Json number(double value) {
  return std::isnan(value) ? engine::Json() : engine::Json(value);
}

engine::Json as_json(const engine::ZooModel& model, const engine::DataSet& data,
                     const engine::CaptionScalars& scalars, const engine::BitsPerByte& bits,
                     int64_t truncated) {
  engine::Json documents = engine::Json::array();
  const auto rows = data.valid_rows();
  for (size_t i = 0; i < rows.size(); ++i)
    documents.push_back({{"id", data.samples[static_cast<size_t>(rows[i])].id},
                         {"bits_per_byte", number(bits.each[i])},
                         {"nll", scalars.nll[i]},
                         {"predicted_tokens", scalars.tokens[i]},
                         {"bytes", scalars.bytes[i]}});
  return {{"model", model.card.key()},
          {"data", data.key()},
          {"bits_per_byte", number(bits.value)},
          {"nll", bits.nats},
          {"predicted_tokens", bits.predicted},
          {"bytes", bits.bytes},
          {"unpredicted_documents", bits.unpredicted},
          {"truncated_documents", truncated},
          {"special_tokens", model.card.identity.at("tokens").value("special_tokens", "")},
          {"documents", documents}};
}

std::string as_text(const engine::ZooModel& model, const engine::DataSet& data,
                    const engine::BitsPerByte& bits, int64_t truncated) {
  const auto n = std::ssize(data.valid_rows());
  std::string out = fmt::format("{} on {}: {} bits per byte\n", model.card.name, data.name,
                                std::isnan(bits.value) ? "no" : fmt::format("{:.4f}", bits.value));
  out += fmt::format("  {} captions, {} predicted tokens, {} bytes of text, {:.1f} nats\n", n,
                     bits.predicted, bits.bytes, bits.nats);
  out += fmt::format(
      "  predicted: every token after a caption's first; it is read as \"{}\" (x: the caption)\n",
      model.card.identity.at("tokens").value("special_tokens", "x"));
  if (bits.unpredicted > 0)
    out += fmt::format(
        "  {}: nothing predicts a single token, so {} in the sums and without a value of {} own\n",
        bits.unpredicted == 1 ? "1 caption of one token"
                              : fmt::format("{} captions of one token", bits.unpredicted),
        bits.unpredicted == 1 ? "it is" : "they are", bits.unpredicted == 1 ? "its" : "their");
  if (truncated > 0)
    out += fmt::format("  {}; only what is left counts\n",
                       engine::truncation_text(truncated, n, model.card.tokens->max_tokens));
  return out;
}

int measure(const Words& words, const std::string& path, const kernels::Context& where,
            const Globals& globals) {
  const engine::ZooModel model = the_package(path, words.model);
  const engine::DataSet data = captions(words, path);
  const engine::Store store(path);
  const auto scalars =
      engine::caption_scalars(store, data, model, where, globals.quiet || globals.json);
  const auto bits = engine::bits_per_byte(scalars.nll, scalars.tokens, scalars.bytes);
  const int64_t truncated = engine::truncated_captions(store, data, model);
  if (globals.json)
    print_json(as_json(model, data, scalars, bits, truncated));
  else
    print(as_text(model, data, bits, truncated));
  return 0;
}

}  // namespace

void add_models_bpb(const ModelsVerbs& verbs) {
  CLI::App* verb = add_verb(
      verbs.models, "bpb", "bits per byte of a causal language model on the captions of a data set",
      "consilience models bpb smollm2-135m --data emoji-things\n"
      "  consilience models bpb smollm2-135m --data texts.jsonl --json");
  auto words = std::make_shared<Words>();
  verb->add_option("model", words->model, "a name, a key or a path")->required();
  verb->add_option("--data", words->source, "a built-in name, a folder or a .jsonl file")
      ->required();
  verb->add_option("--limit", words->limit, "the first so many rows; 0: all")
      ->check(CLI::NonNegativeNumber);
  const DeviceFlag device(*verb);
  verb->callback([=, store = verbs.store, chosen = verbs.chosen, &globals = verbs.globals] {
    *chosen = [=, &globals] { return measure(*words, *store, device.usable(globals), globals); };
  });
}

}  // namespace consilience::cli
