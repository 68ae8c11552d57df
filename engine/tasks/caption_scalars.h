#pragma once
#include <string>
#include <vector>

#include "engine/store/store.h"
#include "engine/types/data_set.h"
#include "engine/zoo.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// What a causal model says of each valid caption of a data set, in order: all [n].
struct CaptionScalars {
  std::vector<float> nll;     // nats, of the tokens after the first
  std::vector<float> tokens;  // their number
  std::vector<float> bytes;   // of the text that all its tokens stand for
};

/// Runs the model for its scalars alone and keeps them beside the data set's records, or reads them
/// from there. Throws Error(usage) for a model that predicts no tokens, and as stored_token_pack
/// and extract do.
[[nodiscard]] CaptionScalars caption_scalars(const Store& store, const DataSet& data,
                                             const ZooModel& model, const kernels::Context& where,
                                             bool quiet);

}  // namespace consilience::engine
