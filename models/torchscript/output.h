#pragma once
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <vector>

#include "models/card.h"
#include "models/runner.h"

namespace consilience::models::torchscript {

/// The artefact's List[Tensor]: layers [B, P, D_l], then the scalars [B, S]. Error(never) naming
/// the layer when its shape is not as the card says.
std::vector<at::Tensor> checked_output(const c10::IValue& output, const ModelCard& card,
                                       int64_t batch);

/// The same as matrices, on the host.
BatchFeatures unpack(const c10::IValue& output, const ModelCard& card, int64_t batch);

}  // namespace consilience::models::torchscript
