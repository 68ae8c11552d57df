#pragma once
#include <ATen/core/ivalue.h>

#include "models/card.h"
#include "models/runner.h"

namespace consilience::models::torchscript {

/// The artefact's List[Tensor] as matrices; Error(never) naming the layer when its shape is not
/// [B, P, D_l] as the card says.
BatchFeatures unpack(const c10::IValue& output, const ModelCard& card, int64_t batch);

}  // namespace consilience::models::torchscript
