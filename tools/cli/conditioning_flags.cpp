#include "tools/cli/conditioning_flags.h"

#include <algorithm>
#include <vector>

namespace consilience::cli {
namespace {

const std::vector<std::string> kPresets = {"default", "prh-paper", "prh-code", "none"};
const std::vector<std::string> kScopes = {"layer", "model", "model-sample-mean"};
const std::vector<std::string> kCenters = {"none", "mean"};
const std::vector<std::string> kScales = {"none", "l2"};
const std::vector<std::string> kZeroRows = {"null", "error"};
const std::vector<std::string> kSimilarities = {"dot", "euclidean"};

/// The enumerator that stands where `word` stands in `words`; `otherwise` for "".
template <typename Enum>
Enum enumerator(const std::string& word, const std::vector<std::string>& words, Enum otherwise) {
  if (word.empty()) return otherwise;
  return static_cast<Enum>(std::find(words.begin(), words.end(), word) - words.begin());
}

}  // namespace

ConditioningFlags::ConditioningFlags(CLI::App& verb) {
  const std::string group = "Conditioning";
  const auto word = [&](const char* flag, std::string& target, const std::string& what,
                        const std::vector<std::string>& words) {
    verb.add_option(flag, target, what)->check(CLI::IsMember(words))->group(group);
  };
  word("--preset", given_->preset, "where to start; the flags below override it", kPresets);
  verb.add_option("--clamp", given_->clamp, "clamp |x| at this quantile; 0: not at all")
      ->check(CLI::Range(0.0, 1.0))
      ->group(group);
  word("--clamp-scope", given_->clamp_scope, "what the quantile is taken over", kScopes);
  word("--center", given_->center, "subtract the column means", kCenters);
  word("--scale", given_->scale, "l2: unit rows", kScales);
  word("--zero-rows", given_->zero_rows, "a constant layer or zero row: null score, or error",
       kZeroRows);
  word("--similarity", given_->similarity, "dot (cosine under l2) or euclidean", kSimilarities);
}

engine::Conditioning ConditioningFlags::value() const {
  engine::Conditioning c = engine::conditioning_preset(given_->preset);
  c.clamp = given_->clamp.value_or(c.clamp);
  c.clamp_scope = enumerator(given_->clamp_scope, kScopes, c.clamp_scope);
  c.center = enumerator(given_->center, kCenters, c.center);
  c.scale = enumerator(given_->scale, kScales, c.scale);
  c.zero_rows = enumerator(given_->zero_rows, kZeroRows, c.zero_rows);
  c.similarity = enumerator(given_->similarity, kSimilarities, c.similarity);
  return c;
}

}  // namespace consilience::cli
