#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/types/data_set.h"
#include "engine/types/features.h"
#include "engine/types/token_pack.h"
#include "models/device_runner.h"
#include "models/runner.h"

namespace consilience::engine {

/// How rows become batches: part of what features are named by, since the size of a product may
/// decide a bit. The defaults are what is fastest on a CPU.
struct BatchPolicy {
  int64_t pictures = 4;             // a batch
  int64_t tokens = 256;             // a batch, padding included
  int64_t audio_samples = 320'000;  // a batch, whose recordings are all of one length
};

/// "pictures=4,tokens=256,audio_samples=320000": for numerics classes.
[[nodiscard]] std::string describe(const BatchPolicy& policy);

struct ExtractOptions {
  BatchPolicy batch;
  int workers = 0;  // threads that prepare and run batches; 0: all cores. Never changes a bit
  int64_t chunk_rows = 0;  // rows a chunk, bad ones included
  bool quiet = false;
};

/// What a model looks at. Vision and sound need only the data set, text the token pack of its
/// tokenizer.
struct ExtractInput {
  const DataSet* data = nullptr;
  const TokenPack* tokens = nullptr;
};

/// The scalars that extraction gives for a model: the card's, and where it has any, "bytes" (UTF-8
/// length of the caption).
[[nodiscard]] std::vector<std::string> scalar_names(const models::ModelCard& card);

/// Runs every valid row through the model and hands chunks of the wanted slots to `sink`, in row
/// order; chunks that the sink has are left out. Rows of bad samples are zero and are never run.
/// Batches form inside a chunk and are a pure function of (chunk, card, policy), so the bytes do
/// not depend on workers, nor on where an earlier run stopped.
///
/// Recordings that are longer than the model takes are cut; a line at the end says how many were.
///
/// Throws Error(never) for a slot that the model lacks, a picture or recording that can't be read,
/// a value that is not finite (naming model, layer and sample); Error(cancelled) between batches;
/// what the runner and the sink throw. Chunks accepted before stay.
void extract(const ExtractInput& input, models::Runner& runner,
             const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
             FeatureSink& sink);

/// The same on a device; also Error(out_of_memory) for a batch that does not fit.
void extract(const ExtractInput& input, models::DeviceRunner& runner,
             const std::vector<FeatureSlot>& slots, const ExtractOptions& options,
             FeatureSink& sink);

}  // namespace consilience::engine
