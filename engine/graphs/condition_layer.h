#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/types/conditioning.h"
#include "engine/types/features.h"
#include "kernels/ops/condition.h"

namespace consilience::engine {

/// Clamp thresholds that layers share (scope model and model-sample-mean), by pooling: what one
/// pooling gets does not depend on which others were extracted. Empty for scope layer or no clamp.
struct ClampFit {
  std::map<std::string, float> threshold;
};

/// Fits the shared thresholds over all layers of the model, pooling by pooling. Reads every slot;
/// nothing is read for scope layer. Throws Error(never) on NaN or infinity (model, layer, row).
[[nodiscard]] ClampFit fit_clamp(const kernels::Context& context, const FeatureView& features,
                                 const std::string& model, const Conditioning& conditioning);

/// One layer's features with their conditioning, fitted once on all rows and frozen.
struct ConditionedLayer {
  Matrix<float> x;      // [n, d]
  float threshold = 0;  // 0: nothing is clamped
  bool clamp_off_sparse = false;
  std::vector<double> mean;   // [d] or empty
  std::vector<double> scale;  // [n] or empty
  std::string reason;         // not empty: no neighbours are defined (constant layer, zero row)

  [[nodiscard]] float clamp() const;  // infinity: none
  [[nodiscard]] kernels::Conditioned view() const;
};

/// Reads slot `slot` and conditions it. Throws Error(never) on NaN or infinity and, where
/// zero_rows is error, on a constant layer or a zero row under l2; otherwise these give a reason.
[[nodiscard]] ConditionedLayer condition_layer(const kernels::Context& context,
                                               const FeatureView& features, int64_t slot,
                                               const std::string& model,
                                               const Conditioning& conditioning,
                                               const ClampFit& fit);

}  // namespace consilience::engine
