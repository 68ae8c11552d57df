#pragma once
#include <filesystem>
#include <memory>

#include "engine/types/features.h"

namespace consilience::engine {

/// Features that someone else made: .npy or .safetensors, [n, d] or [n, l, d], or several tensors
/// of [n, d] named "<layer>/<pooling>" in one file ("scalars/.." are passed over). Slots of an
/// array are layer_0, layer_1 .. with the pooling "given"; named ones stand in natural order
/// (block_2 before block_10).
/// f64 counts where every value is a float32 exactly; read() throws Error(never) naming file, row
/// and column otherwise, unless `round_to_f32`.
/// Throws Error(never): no such file, not such a format (and what it looks like), wrong rank or
/// type, unequal rows, empty.
[[nodiscard]] std::unique_ptr<FeatureView> open_feature_file(const std::filesystem::path& file,
                                                             bool round_to_f32 = false);

}  // namespace consilience::engine
