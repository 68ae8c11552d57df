#include "engine/metrics/neighbours/cknna.h"

#include <cmath>
#include <memory>

#include "engine/metrics/neighbours/kernel_at_lists.h"
#include "engine/metrics/neighbours/row_sums.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

enum class RowMean { all, without_self };

/// K_ij minus the mean of row i, at listed pairs, and the sum of its squares.
struct CentredLayer {
  Matrix<double> value;  // [n, k]
  double norm = 0;       // sqrt(Align(K, K))
};

using CentredLayers = std::vector<CentredLayer>;

CentredLayer centred(KernelAtLists kernel, RowMean kind) {
  const auto n = kernel.value.rows();
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) {
    const auto at = static_cast<size_t>(i);
    const double mean = kind == RowMean::all
                            ? kernel.row_mean[at]
                            : (kernel.row_mean[at] * static_cast<double>(n) - kernel.self[at]) /
                                  static_cast<double>(n - 1);
    for (double& value : kernel.value.row(i)) {
      value -= mean;
      squares += value * value;
    }
  }
  return {std::move(kernel.value), std::sqrt(squares)};
}

CentredLayers centred_layers(const kernels::Context& context, const ModelInput& model, int k,
                             RowMean kind) {
  CentredLayers layers(model.layers.size());
  for (size_t l = 0; l < layers.size(); ++l) {
    const LayerInput& layer = model.layers[l];
    if (!list_reason(layer, model.rows, k).empty()) continue;
    expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
    layers[l] =
        centred(kernel_at_lists(context, *layer.features, layer.graph->index.view(), k), kind);
  }
  return layers;
}

std::string flat_reason(const ModelInput& model, const CentredLayers& layers, int k,
                        const LayerInput& layer) {
  const auto at = static_cast<size_t>(&layer - model.layers.data());
  const std::string why = list_reason(layer, model.rows, k);
  if (!why.empty() || layers[at].norm > 0) return why;
  return "every neighbour is as similar as the mean of its row";
}

PreparedGrid prepare(const kernels::Context& context, const MetricSpec& metric, const ModelInput& a,
                     const ModelInput& b, RowMean kind) {
  const int k = metric.k();
  struct Sides {
    CentredLayers a, b;
  };
  const auto sides = std::make_shared<const Sides>(
      Sides{centred_layers(context, a, k, kind), centred_layers(context, b, k, kind)});
  PreparedGrid grid = prepare_cells(a, b,
                                    [&](const LayerInput& x, const LayerInput& y) {
                                      return pair_reason(x.name, flat_reason(a, sides->a, k, x),
                                                         y.name, flat_reason(b, sides->b, k, y));
                                    },
                                    {});
  const auto products = [sides](const ListPair& lists) {
    const auto left = sides->a[static_cast<size_t>(lists.layer_a)].value.row(lists.source);
    const auto right = sides->b[static_cast<size_t>(lists.layer_b)].value.row(lists.row);
    double sum = 0;
    for (size_t c = 0; c < lists.a.size(); ++c) {
      const int32_t place = lists.place_of(lists.a[c]);
      if (place > 0) sum += left[c] * right[static_cast<size_t>(place) - 1];
    }
    return sum;
  };
  set_row_sums(grid, {.a = first_lists(a, k),
                      .b = first_lists(b, k),
                      .scorer = [products] { return products; },
                      .divisor =
                          [sides](int64_t x, int64_t y) {
                            return sides->a[static_cast<size_t>(x)].norm *
                                   sides->b[static_cast<size_t>(y)].norm;
                          },
                      .mean = false});
  return grid;
}

}  // namespace

PreparedGrid prepare_cknna_eq16(const kernels::Context& context, const MetricSpec& metric,
                                const ModelInput& a, const ModelInput& b) {
  return prepare(context, metric, a, b, RowMean::all);
}

PreparedGrid prepare_cknna_without_self(const kernels::Context& context, const MetricSpec& metric,
                                        const ModelInput& a, const ModelInput& b) {
  return prepare(context, metric, a, b, RowMean::without_self);
}

}  // namespace consilience::engine
