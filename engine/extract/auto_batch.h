#pragma once
#include <optional>

#include "engine/extract/extract.h"

namespace consilience::engine {

/// A batch that fits the device: what one sample needs is measured, most of the free memory is
/// filled with such samples, a power of two of them, and that many are tried, halved while they do
/// not fit. Tried with the longest caption or recording, or the first picture. Throws
/// Error(out_of_memory) when one sample does not fit.
[[nodiscard]] BatchPolicy find_batch(models::DeviceRunner& runner, const ExtractInput& input);

/// For a batch that did not fit after all; nothing where it was a single sample.
[[nodiscard]] std::optional<BatchPolicy> half_of(const BatchPolicy& policy,
                                                 const models::ModelCard& card,
                                                 const ExtractInput& input);

}  // namespace consilience::engine
