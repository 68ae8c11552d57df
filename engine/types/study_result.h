#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/types/graph.h"
#include "engine/types/ladder.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// What the report says of a model; taken from its card.
struct ModelSummary {
  std::string name, modality, family, role, twin_of;  // role: "trained" | "random" | "trivial"
  std::string identity_hash;
  double parameters = 0, resolution = 0;  // 0: unknown
  int64_t layers = 0;
  std::string supervised_on, quantised_from, derived, licence, source, notes;
  double bits_per_byte = 0;  // of the study's captions; 0: not a causal model
  int64_t truncated = 0;     // captions that were cut to max_tokens, recordings to max_seconds
  int64_t max_tokens = 0;
  double max_seconds = 0;
};

/// Facts of one layer of one model, for caveats.
struct LayerSummary {
  std::string model, layer, pooling;
  int64_t width = 0;
  GraphFacts facts;
  std::string reason;
};

struct PairResult {
  PairScore score;
  PairInference inference;
};

/// What the table of metrics says of one, for the report's definitions.
struct MetricSummary {
  std::string name, summary, formula, chance, pitfalls, source;
};

/// One point of alignment against something: parameters, step, a benchmark score.
struct CurvePoint {
  std::string model, partner;
  double x = 0, value = 0, lo = 0, hi = 0;
  double null_mean = 0;
  double random_twin = 0;  // the larger of trained A x random B and random A x trained B; NaN: none
};
struct Curve {
  std::string x_name;              // "params"
  std::string family;              // of `model`
  std::string partner;             // the model that the family is compared with
  std::vector<CurvePoint> points;  // ascending x
  MetricSpec metric = {};
};

struct DataSummary {
  std::string name, hash;
  int64_t rows = 0, valid_rows = 0, classes = 0;
  std::vector<std::pair<std::string, std::string>> bad;  // id, reason
};

/// Everything that a report shows; the report computes nothing.
struct StudyResult {
  std::string name;
  std::vector<std::pair<std::string, std::string>>
      settings;  // in the order in which they are shown
  DataSummary data;
  std::vector<ModelSummary> models;
  std::vector<LayerSummary> layers;
  std::vector<PairResult> pairs;
  std::vector<Curve> curves;
  std::vector<MetricSummary> metrics;  // of the metrics of `pairs`
  std::vector<Ladder> ladders;         // of the trained pairs under the first metric
  int twins = 0;
  int permutations = 0;
};

}  // namespace consilience::engine
