#include "engine/text/token_packs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "engine/base/hash.h"
#include "engine/base/json.h"
#include "engine/text/exporter.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

void sync_folder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

void make_token_pack(const TokenizeJob& job, const fs::path& file, const fs::path& scratch) {
  const std::string stem = fmt::format("{}.{}", file.stem().string(), getpid());
  const fs::path captions = scratch / (stem + ".json");
  const fs::path made = scratch / (stem + ".safetensors");
  const RemovedAtEnd cleared({captions, made});
  write_captions(job.captions, captions);
  run_exporter({"tokenize", "--tokenizer", job.tokenizer.string(), "--captions", captions.string(),
                "--max-tokens", std::to_string(job.max_tokens), "--out", made.string()},
               fmt::format("tokenizing with {}", job.tokenizer.string()));
  std::error_code problem;
  fs::rename(made, file, problem);
  if (problem)
    fail(Failure::transient, "{}: cannot be written: {}", file.string(), problem.message());
  sync_folder(file.parent_path());
}

void check_ids(const TokenPack& pack, const TokenizeJob& job, const std::string& file) {
  expect(std::all_of(pack.ids.begin(), pack.ids.end(), [](int32_t id) { return id >= 0; }),
         "{}: a token id is negative: delete it", file);
  const auto largest = std::max_element(pack.ids.begin(), pack.ids.end());
  if (job.vocabulary > 0 && largest != pack.ids.end() && *largest >= job.vocabulary)
    fail(Failure::never,
         "{}: gives token id {}, and the model's vocabulary has {}: the tokenizer is of another "
         "model, import it again",
         job.tokenizer.string(), *largest, job.vocabulary);
}

}  // namespace

std::vector<std::string> captions_of(const DataSet& data) {
  std::vector<std::string> captions;
  for (size_t i = 0; i < data.samples.size(); ++i)
    captions.push_back(data.valid[i] != 0 ? data.samples[i].caption : "x");
  return captions;
}

std::string token_pack_name(const TokenizeJob& job) {
  const std::string hash = hash_of(Json{{"captions", job.captions},
                                        {"format", 2},
                                        {"max_tokens", job.max_tokens},
                                        {"tokenizer_sha256", job.tokenizer_sha256}});
  return "tokens-" + hash.substr(0, 16) + ".safetensors";
}

void check_token_pack(const TokenPack& pack, const TokenizeJob& job, const std::string& file) {
  const auto n = static_cast<int64_t>(job.captions.size());
  const auto total = static_cast<int64_t>(pack.ids.size());
  expect(pack.rows() == n, "{}: expected {} captions, found {}: delete it", file, n, pack.rows());
  expect(pack.truncated.size() == job.captions.size(),
         "{}: expected {} truncation marks, found {}: delete it", file, n, pack.truncated.size());
  expect(static_cast<int64_t>(pack.offsets.size()) == n + 1 && pack.offsets.front() == 0 &&
             pack.offsets.back() == total,
         "{}: offsets do not cover the ids: delete it", file);
  for (size_t i = 0; i < job.captions.size(); ++i) {
    const int64_t length = pack.offsets[i + 1] - pack.offsets[i];
    expect(length >= 1 && length <= job.max_tokens && pack.offsets[i + 1] <= total,
           "{}: row {} has {} tokens, expected 1 to {}: delete it", file, i, length,
           job.max_tokens);
    const auto whole = static_cast<int64_t>(job.captions[i].size());
    expect(pack.truncated[i] != 0 ? pack.bytes[i] >= 0 && pack.bytes[i] <= whole
                                  : pack.bytes[i] == whole,
           "{}: row {} is of a caption of {} bytes, expected {}: delete it", file, i, pack.bytes[i],
           whole);
  }
  check_ids(pack, job, file);
}

TokenPack obtain_token_pack(const TokenizeJob& job, const fs::path& folder, const fs::path& scratch,
                            const TokenPackReader& read) {
  const fs::path file = folder / token_pack_name(job);
  if (!fs::exists(file)) make_token_pack(job, file, scratch);
  TokenPack pack = read(file);
  check_token_pack(pack, job, file.string());
  return pack;
}

}  // namespace consilience::engine
