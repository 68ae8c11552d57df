#include "engine/text/token_packs.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "engine/base/hash.h"
#include "engine/base/json.h"
#include "engine/base/subprocess.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

namespace fs = std::filesystem;

void remove_quietly(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

void write_captions(const std::vector<std::string>& captions, const fs::path& file) {
  std::ofstream out(file, std::ios::binary);
  out << Json(captions).dump();
  out.close();
  if (!out.good()) {
    remove_quietly(file);
    fail(Failure::transient, "{}: cannot be written: is the disk full?", file.string());
  }
}

void sync_folder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

/// The last line that Python said.
std::string last_line(std::string text) {
  text.erase(text.find_last_not_of(" \n\r\t") + 1);
  return text.substr(text.rfind('\n') + 1);
}

void tokenize(const TokenizeJob& job, const fs::path& captions, const fs::path& out) {
  const ProcessResult result =
      run_process({python().string(), "-m", "consilience_export", "tokenize", "--tokenizer",
                   job.tokenizer.string(), "--captions", captions.string(), "--max-tokens",
                   std::to_string(job.max_tokens), "--out", out.string()});
  if (result.exit_code == 0) return;
  const bool retry = result.exit_code == static_cast<int>(Failure::transient);
  fail(retry ? Failure::transient : Failure::never, "tokenizing with {} failed (exit {}): {}",
       job.tokenizer.string(), result.exit_code, last_line(result.error_tail));
}

void make_token_pack(const TokenizeJob& job, const fs::path& file, const fs::path& scratch) {
  const std::string stem = fmt::format("{}.{}", file.stem().string(), getpid());
  const fs::path captions = scratch / (stem + ".json");
  const fs::path made = scratch / (stem + ".safetensors");
  write_captions(job.captions, captions);
  try {
    tokenize(job, captions, made);
    fs::rename(made, file);
  } catch (const fs::filesystem_error& problem) {
    remove_quietly(captions);
    fail(Failure::transient, "{}: cannot be written: {}", file.string(), problem.code().message());
  } catch (...) {
    remove_quietly(captions);
    remove_quietly(made);
    throw;
  }
  remove_quietly(captions);
  sync_folder(file.parent_path());
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
                                        {"max_tokens", job.max_tokens},
                                        {"tokenizer_sha256", job.tokenizer_sha256}});
  return "tokens-" + hash.substr(0, 16) + ".safetensors";
}

void check_token_pack(const TokenPack& pack, const TokenizeJob& job, const std::string& file) {
  const auto n = static_cast<int64_t>(job.captions.size());
  const auto total = static_cast<int64_t>(pack.ids.size());
  expect(pack.rows() == n, "{}: expected {} captions, found {}: delete it", file, n, pack.rows());
  expect(static_cast<int64_t>(pack.offsets.size()) == n + 1 && pack.offsets.front() == 0 &&
             pack.offsets.back() == total,
         "{}: offsets do not cover the ids: delete it", file);
  for (size_t i = 0; i < job.captions.size(); ++i) {
    const int64_t length = pack.offsets[i + 1] - pack.offsets[i];
    expect(length >= 1 && length <= job.max_tokens && pack.offsets[i + 1] <= total,
           "{}: row {} has {} tokens, expected 1 to {}: delete it", file, i, length,
           job.max_tokens);
    expect(pack.bytes[i] == static_cast<int64_t>(job.captions[i].size()),
           "{}: row {} is of a caption of {} bytes, expected {}: delete it", file, i, pack.bytes[i],
           job.captions[i].size());
  }
  expect(std::all_of(pack.ids.begin(), pack.ids.end(), [](int32_t id) { return id >= 0; }),
         "{}: a token id is negative: delete it", file);
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
