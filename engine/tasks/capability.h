#pragma once
#include <map>
#include <string>

#include "engine/store/stored_features.h"
#include "engine/tasks/context.h"
#include "engine/text/bits_per_byte.h"

namespace consilience::engine {

/// From the scalars that were stored with a causal model's features.
[[nodiscard]] BitsPerByte bits_per_byte(const StoredFeatures& features);

/// Bits per byte of every causal model of a study, by name, from what the store has of it, released
/// features too. NaN where nothing is predicted.
[[nodiscard]] std::map<std::string, double> bits_per_byte(StudyContext& context);

/// What is kept of a causal model's scalars when its features are released; null for others.
[[nodiscard]] Json released_bits(const StoredFeatures& features);

}  // namespace consilience::engine
