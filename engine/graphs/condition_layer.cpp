#include "engine/graphs/condition_layer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/cancel.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

Matrix<float> read_finite(const kernels::Context& context, const FeatureView& features,
                          int64_t slot, const std::string& model) {
  Matrix<float> x = read_all(features, slot);
  const std::string name = features.slots()[static_cast<size_t>(slot)].name();
  kernels::check_finite(context, x.view(), model.empty() ? name : model + " " + name);
  return x;
}

/// Why no neighbours are defined, or "". Needs the scales.
std::string undefined_because(const ConditionedLayer& layer) {
  if (!kernels::first_differing_row(layer.x.view(), layer.clamp()))
    return fmt::format("constant layer: all {} rows are equal", layer.x.rows());
  const auto zero = std::ranges::find_if(layer.scale, [](double c) { return !std::isfinite(c); });
  if (zero == layer.scale.end()) return "";
  return fmt::format("row {} is zero after conditioning, so l2 gives it no direction",
                     zero - layer.scale.begin());
}

}  // namespace

ClampFit fit_clamp(const kernels::Context& context, const FeatureView& features,
                   const std::string& model, const Conditioning& conditioning) {
  ClampFit fit;
  if (conditioning.clamp <= 0 || conditioning.clamp_scope == ClampScope::layer) return fit;
  std::map<std::string, std::vector<Matrix<float>>> by_pooling;
  for (size_t s = 0; s < features.slots().size(); ++s) {
    throw_if_cancelled();
    by_pooling[features.slots()[s].pooling].push_back(
        read_finite(context, features, static_cast<int64_t>(s), model));
  }
  for (const auto& [pooling, layers] : by_pooling) {
    std::vector<MatrixView<const float>> views;
    for (const auto& x : layers) views.push_back(x.view());
    fit.threshold[pooling] =
        conditioning.clamp_scope == ClampScope::model
            ? kernels::abs_quantile(context, views, conditioning.clamp)
            : static_cast<float>(kernels::mean_sample_quantile(context, views, conditioning.clamp));
  }
  return fit;
}

float ConditionedLayer::clamp() const {
  return threshold > 0 ? threshold : std::numeric_limits<float>::infinity();
}

kernels::Conditioned ConditionedLayer::view() const { return {x.view(), clamp(), mean, scale}; }

ConditionedLayer condition_layer(const kernels::Context& context, const FeatureView& features,
                                 int64_t slot, const std::string& model,
                                 const Conditioning& conditioning, const ClampFit& fit) {
  const FeatureSlot& what = features.slots()[static_cast<size_t>(slot)];
  ConditionedLayer layer;
  layer.x = read_finite(context, features, slot, model);
  if (layer.x.view().empty()) {
    layer.reason = "no features";
    return layer;
  }
  if (conditioning.clamp > 0) {
    if (conditioning.clamp_scope == ClampScope::layer) {
      const MatrixView<const float> x = layer.x.view();
      layer.threshold = kernels::abs_quantile(context, {&x, 1}, conditioning.clamp);
    } else {
      layer.threshold = fit.threshold.at(what.pooling);
    }
    layer.clamp_off_sparse = layer.threshold == 0;
  }
  if (conditioning.center == Center::mean)
    layer.mean = kernels::column_mean(context, layer.x.view(), layer.clamp());
  if (conditioning.scale == Scale::l2)
    layer.scale = kernels::row_scales(context, layer.x.view(), layer.clamp(), layer.mean);
  layer.reason = undefined_because(layer);
  expect(layer.reason.empty() || conditioning.zero_rows == ZeroRows::null,
         "{} {}: {}; zero_rows = \"null\" would leave the layer's scores undefined instead", model,
         what.name(), layer.reason);
  return layer;
}

}  // namespace consilience::engine
