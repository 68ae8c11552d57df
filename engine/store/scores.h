#pragma once
#include <string>

#include "engine/base/json.h"
#include "engine/store/store.h"
#include "engine/types/score.h"

namespace consilience::engine {

/// "scores/<task-hash>.json", for scores and for what inference says of them (tasks of their own).
[[nodiscard]] std::string score_record_name(const std::string& task_hash);

/// `inputs`: what the task hash covers, readable. Data: grid f64 [A, B], per_sample f64 [n].
void write_score(const Store& store, const std::string& name, const PairScore& score,
                 const Json& inputs);
[[nodiscard]] PairScore read_score(const Store& store, const std::string& name);

/// Data: null_maxima f64 [permutations].
void write_inference(const Store& store, const std::string& name, const PairInference& inference,
                     const Json& inputs);
[[nodiscard]] PairInference read_inference(const Store& store, const std::string& name);

}  // namespace consilience::engine
