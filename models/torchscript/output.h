#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "models/card.h"
#include "models/runner.h"

namespace consilience::models::torchscript {

/// `outputs`: layers [B, P, D_l], then the scalars [B, S]; as many as the card names. Error(never)
/// naming the layer when its shape is not as the card says.
void check_shapes(const std::vector<at::Tensor>& outputs, const ModelCard& card, int64_t batch);

/// Checked, and as matrices on the host.
BatchFeatures unpack(const std::vector<at::Tensor>& outputs, const ModelCard& card, int64_t batch);

}  // namespace consilience::models::torchscript
