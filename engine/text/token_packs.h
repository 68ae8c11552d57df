#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/types/data_set.h"
#include "engine/types/token_pack.h"

namespace consilience::engine {

struct TokenizeJob {
  std::filesystem::path tokenizer;  // tokenizer.json of a model package
  std::string tokenizer_sha256;
  int max_tokens = 0;
  int64_t vocabulary = 0;             // rows of the model's embedding; 0: unknown
  std::vector<std::string> captions;  // [n]
};

/// One caption a row. A bad row's is replaced by "x": the pack has every row, no model sees it.
[[nodiscard]] std::vector<std::string> captions_of(const DataSet& data);

/// "tokens-<16 hex digits>.safetensors", named by everything that the pack depends on.
[[nodiscard]] std::string token_pack_name(const TokenizeJob& job);

/// Reads a pack's tensors from a safetensors file.
using TokenPackReader = std::function<TokenPack(const std::filesystem::path&)>;

/// The pack `folder`/token_pack_name(job). When it is missing, Python's consilience_export writes
/// it in `scratch` (same file system), and it is moved into place whole. Throws Error(never) when
/// the tokenizer refuses or the pack does not fit the captions, Error(transient) when Python can't
/// be started.
[[nodiscard]] TokenPack obtain_token_pack(const TokenizeJob& job,
                                          const std::filesystem::path& folder,
                                          const std::filesystem::path& scratch,
                                          const TokenPackReader& read);

/// Throws Error(never), naming `file`, unless the pack is well formed and fits the job.
void check_token_pack(const TokenPack& pack, const TokenizeJob& job, const std::string& file);

}  // namespace consilience::engine
