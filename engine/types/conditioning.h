#pragma once
#include <string>

#include "kernels/ops/condition.h"

namespace consilience::engine {

enum class ClampScope { layer, model, model_sample_mean };
enum class Center { none, mean };
enum class Scale { none, l2 };
enum class ZeroRows { null, error };

/// How features are conditioned before they are compared (numerics, section 1). The values are the
/// study file's defaults.
struct Conditioning {
  double clamp = 0.95;  // quantile of |x|; 0: none
  ClampScope clamp_scope = ClampScope::layer;
  Center center = Center::none;
  Scale scale = Scale::l2;
  ZeroRows zero_rows = ZeroRows::null;
  kernels::Similarity similarity = kernels::Similarity::dot;

  bool operator==(const Conditioning&) const = default;
};

/// "clamp=0.95/layer, l2": what a printed metric name carries. "raw" when nothing is done;
/// Euclidean is named.
[[nodiscard]] std::string describe(const Conditioning& conditioning);

/// "default", "prh-paper", "prh-code", "none". Throws Error(usage) listing them.
[[nodiscard]] Conditioning conditioning_preset(const std::string& name);

}  // namespace consilience::engine
