#include "engine/tasks/token_record.h"

#include <algorithm>

#include "engine/store/safetensors.h"
#include "engine/store/token_pack_file.h"
#include "engine/text/exporter.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::string record_name(const DataSet& data, const TokenizeJob& job) {
  const std::filesystem::path file = token_pack_name(job);
  return fmt::format("data/{}/{}.json", data.key(), file.stem().string());
}

void commit_pack(const Store& store, const std::string& record, const TokenizeJob& job) {
  const std::filesystem::path scratch = store.root() / "tmp";
  const RemovedAtEnd cleared({scratch / token_pack_name(job)});
  const TokenPack pack = obtain_token_pack(
      job, scratch, scratch, [](const auto& path) { return read_token_pack(Safetensors(path)); });
  store.commit_record(
      record,
      {{"kind", "tokens"},
       {"tokenizer", job.tokenizer_sha256},
       {"max_tokens", job.max_tokens},
       {"truncated", std::count(pack.truncated.begin(), pack.truncated.end(), uint8_t{1})}},
      {tensor("ids", {std::ssize(pack.ids)}, pack.ids),
       tensor("offsets", {pack.rows() + 1}, pack.offsets),
       tensor("bytes", {pack.rows()}, pack.bytes),
       tensor("truncated", {pack.rows()}, pack.truncated)});
}

}  // namespace

TokenizeJob tokenize_job(const DataSet& data, const ZooModel& model) {
  const models::TokenRecipe& tokens = *model.card.tokens;
  return {model.package / "tokenizer.json", tokens.tokenizer_sha256, tokens.max_tokens,
          tokens.vocabulary, captions_of(data)};
}

TokenPack stored_token_pack(const Store& store, const DataSet& data, const ZooModel& model) {
  const TokenizeJob job = tokenize_job(data, model);
  const std::string record = record_name(data, job);
  if (!store.has_record(record)) commit_pack(store, record, job);
  TokenPack pack = read_token_pack(store.open_data(record, store.read_record(record)));
  check_token_pack(pack, job, record);
  return pack;
}

int64_t truncated_captions(const Store& store, const DataSet& data, const ZooModel& model) {
  const std::string record = record_name(data, tokenize_job(data, model));
  return store.has_record(record) ? store.read_record(record).at("truncated").get<int64_t>() : 0;
}

std::string truncation_text(int64_t truncated, int64_t captions, int max_tokens) {
  return fmt::format("{} of {} captions {} longer than {} tokens: cut there", truncated, captions,
                     truncated == 1 ? "is" : "are", max_tokens);
}

}  // namespace consilience::engine
