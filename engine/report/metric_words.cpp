#include "engine/report/metric_words.h"

#include <fmt/format.h>

#include <array>
#include <sstream>

namespace consilience::engine {
namespace {

struct Word {
  std::string_view part, word;
};

/// How the parts of metrics' names are written in prose; others stay as they are.
constexpr std::array kWords = std::to_array<Word>({
    {"knn", "k-NN"},
    {"cka", "CKA"},
    {"rbf", "RBF"},
    {"hsic", "HSIC"},
    {"cca", "CCA"},
    {"svcca", "SVCCA"},
    {"pwcca", "PWCCA"},
    {"cknna", "CKNNA"},
    {"rsa", "RSA"},
    {"nbs", "NBS"},
    {"rv", "RV"},
    {"lcs", "LCS"},
    {"rbo", "RBO"},
    {"r2", "R²"},
    {"cv5", "5-fold"},
    {"dcor", "distance correlation"},
    {"sqr", "squared"},
    {"eq16", "(equation 16)"},
    {"prh", "(PRH"},
    {"code", "code)"},
    {"jaccard", "Jaccard"},
    {"pearson", "Pearson"},
    {"spearman", "Spearman"},
    {"kendall", "Kendall"},
    {"tau", "tau"},
    {"procrustes", "Procrustes"},
});

}  // namespace

std::string metric_in_words(const std::string& name) {
  std::istringstream parts(name.substr(0, name.find('(')));
  std::string out;
  for (std::string part; std::getline(parts, part, '_');) {
    for (const auto& [known, word] : kWords)
      if (part == known) {
        part = word;
        break;
      }
    out += (out.empty() ? "" : " ") + part;
  }
  return out;
}

std::string metric_in_words(const MetricSpec& metric) {
  const std::string parameters = parameters_text(metric);
  const std::string name = metric_in_words(metric.name);
  return parameters.empty() ? name : fmt::format("{} ({})", name, parameters);
}

}  // namespace consilience::engine
