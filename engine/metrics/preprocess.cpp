#include "engine/metrics/preprocess.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "engine/metrics/metric.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// How the golden values say it.
const std::map<std::string, std::string, std::less<>> kInOtherWords = {
    {"raw, Euclidean", "raw"},
    {"raw, intercept", "raw"},
    {"centre columns", "centre"},
    {"centre columns, unit Frobenius norm", "centre"},
    {"l2 rows", "l2"},
    {"centre columns, then l2 rows", "centre+l2"},
    {"standardise columns (n-1)", "standardise"},
};

}  // namespace

const std::vector<std::string>& preprocess_words() {
  static const std::vector<std::string> words = {
      "conditioned", "conditioned+centre", "raw", "centre", "l2", "centre+l2", "standardise"};
  return words;
}

std::string parse_preprocess(std::string_view text) {
  const auto alias = kInOtherWords.find(text);
  std::string word = alias == kInOtherWords.end() ? std::string(text) : alias->second;
  const auto& words = preprocess_words();
  if (std::ranges::find(words, word) == words.end())
    fail(Failure::usage, "preprocess '{}' is not known; it is one of {}", text,
         fmt::join(words, ", "));
  return word;
}

Conditioning conditioning_for(const MetricSpec& metric, const Conditioning& given) {
  const std::string& words = metric.preprocess;
  Conditioning conditioning = given;
  if (words.starts_with("conditioned")) {
    if (words.ends_with("+centre")) conditioning.center = Center::mean;
  } else {
    conditioning = conditioning_preset("none");
    conditioning.zero_rows = given.zero_rows;
    conditioning.similarity = metric_info(metric.name).graph;
    if (words.starts_with("centre")) conditioning.center = Center::mean;
    if (words.ends_with("l2")) conditioning.scale = Scale::l2;
  }
  const std::string similarity = metric.has("similarity") ? metric.word("similarity") : "auto";
  if (similarity == "cosine") conditioning.scale = Scale::l2;
  if (similarity == "euclidean")
    conditioning.similarity = kernels::Similarity::euclidean;
  else if (similarity != "auto")
    conditioning.similarity = kernels::Similarity::dot;
  return conditioning;
}

std::string describe_for(const MetricSpec& metric, const Conditioning& given) {
  if (metric.preprocess == "standardise") return "standardise";
  return describe(conditioning_for(metric, given));
}

}  // namespace consilience::engine
