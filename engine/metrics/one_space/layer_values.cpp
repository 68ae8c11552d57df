#include "engine/metrics/one_space/layer_values.h"

#include <utility>
#include <vector>

#include "kernels/base/error.h"

namespace consilience::engine {

LayerValue undefined_layer(std::string reason) { return {.reason = std::move(reason)}; }

PreparedGrid grid_of_layers(const ModelInput& side,
                            const std::function<LayerValue(const LayerInput&)>& evaluate) {
  std::vector<double> values;
  std::vector<std::string> remarks;
  const auto reason = [&](const LayerInput& layer) {
    LayerValue one = evaluate(layer);
    values.resize(static_cast<size_t>(&layer - side.layers.data()) + 1,
                  std::numeric_limits<double>::quiet_NaN());
    values.back() = one.value;
    if (one.reason.empty() && !one.remark.empty())
      remarks.push_back(fmt::format("{} {}: {}", side.model, layer.name, one.remark));
    return std::move(one.reason);
  };
  PreparedGrid grid = prepare_layers(side, reason, {});
  grid.remarks = std::move(remarks);
  values.resize(side.layers.size(), std::numeric_limits<double>::quiet_NaN());
  grid.values = [values](std::span<const int32_t>) {
    Matrix<double> column(std::ssize(values), 1);
    column.values() = values;
    return column;
  };
  return grid;
}

PreparedGrid grid_as_given(const MetricSpec& metric, const ModelInput& side,
                           const std::function<LayerValue(const LayerInput&)>& evaluate) {
  if (metric.preprocess != "standardise") return grid_of_layers(side, evaluate);
  return grid_of_layers(side, [&](const LayerInput&) {
    return undefined_layer(
        fmt::format("{} has no preprocess=standardise; use centre or raw", metric.name));
  });
}

}  // namespace consilience::engine
