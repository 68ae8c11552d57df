#pragma once
#include "engine/store/safetensors.h"
#include "engine/types/token_pack.h"

namespace consilience::engine {

/// The tensors of a token pack (docs/model-package.md). Throws Error(never) naming what is missing.
[[nodiscard]] TokenPack read_token_pack(const Safetensors& file);

}  // namespace consilience::engine
