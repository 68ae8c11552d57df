#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/metrics/neighbours/cknna.h"
#include "engine/metrics/neighbours/kernel_at_lists.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr double kAddedToDenominator = 1e-6;  // by the released code

/// One layer's kernel masked by its own lists.
struct MaskedKernel {
  RowLists lists;
  Matrix<double> value;      // [n, k] K_ij
  Matrix<uint8_t> returned;  // [n, k] whether j lists i
  double self = 0;           // HSIC_1 of the kernel with itself
};

using MaskedKernels = std::vector<MaskedKernel>;

/// HSIC_1 of two sparse kernels, entry by entry (Song et al. 2012, as the released code has it).
class SparseHsic {
 public:
  explicit SparseHsic(int64_t n) : column_(static_cast<size_t>(n)), row_(static_cast<size_t>(n)) {}

  /// K_ij and L_ij of one place in the mask, and whether the mask holds (j, i) too.
  void add(int64_t i, int32_t j, double k, double l, bool returned) {
    if (returned) trace_ += k * l;
    sum_k_ += k;
    sum_l_ += l;
    column_[static_cast<size_t>(j)] += k;
    row_[static_cast<size_t>(i)] += l;
  }

  [[nodiscard]] double value() const {
    const auto n = static_cast<double>(column_.size());
    double product = 0;  // 1' K L 1
    for (size_t j = 0; j < column_.size(); ++j) product += column_[j] * row_[j];
    return (trace_ + sum_k_ * sum_l_ / ((n - 1) * (n - 2)) - 2 * product / (n - 2)) / (n * (n - 3));
  }

 private:
  double trace_ = 0, sum_k_ = 0, sum_l_ = 0;
  std::vector<double> column_, row_;
};

MaskedKernel masked_kernel(const kernels::Context& context, const LayerInput& layer, int k) {
  const kernels::ListView index = layer.graph->index.view();
  MaskedKernel kernel{.lists = RowLists::first_columns(index, k),
                      .value = kernel_at_lists(context, *layer.features, index, k).value,
                      .returned = Matrix<uint8_t>(index.rows(), k)};
  SparseHsic hsic(index.rows());
  for (int64_t i = 0; i < index.rows(); ++i) {
    for (int c = 0; c < k; ++c) {
      const int32_t j = index(i, c);
      const auto back = kernel.lists.row(j);
      const bool returned = std::ranges::find(back, static_cast<int32_t>(i)) != back.end();
      kernel.returned(i, c) = returned ? 1 : 0;
      hsic.add(i, j, kernel.value(i, c), kernel.value(i, c), returned);
    }
  }
  kernel.self = hsic.value();
  return kernel;
}

MaskedKernels masked_kernels(const kernels::Context& context, const ModelInput& model, int k) {
  MaskedKernels kernels(model.layers.size());
  for (size_t l = 0; l < kernels.size(); ++l) {
    const LayerInput& layer = model.layers[l];
    if (!list_reason(layer, model.rows, k).empty()) continue;
    expect(layer.features.has_value(), "{}: no features were handed over", layer.name);
    kernels[l] = masked_kernel(context, layer, k);
  }
  return kernels;
}

std::string self_reason(const ModelInput& model, const MaskedKernels& kernels, int k,
                        const LayerInput& layer) {
  const auto at = static_cast<size_t>(&layer - model.layers.data());
  const std::string why = list_reason(layer, model.rows, k);
  if (!why.empty()) return why;
  if (model.rows < 4) return fmt::format("{} rows; expected at least 4", model.rows);
  if (kernels[at].self > 0) return "";
  return fmt::format("the HSIC of its masked kernel with itself is {:.3g}, not above 0",
                     kernels[at].self);
}

/// The HSIC of both kernels where both lists name a pair; side a relabelled.
double shared_hsic(const MaskedKernel& a, const MaskedKernel& b,
                   std::span<const int32_t> relabelling) {
  const int64_t n = a.value.rows();
  const auto to = [&](int64_t i) {
    return relabelling.empty() ? static_cast<int32_t>(i) : relabelling[static_cast<size_t>(i)];
  };
  SparseHsic hsic(n);
  std::vector<int32_t> place(static_cast<size_t>(n));
  for (int64_t source = 0; source < n; ++source) {
    const int32_t i = to(source);
    const auto other = b.lists.row(i);
    int32_t next = 0;
    for (const int32_t j : other) place[static_cast<size_t>(j)] = ++next;
    const auto list = a.lists.row(source);
    for (size_t c = 0; c < list.size(); ++c) {
      const int32_t j = to(list[c]);
      const auto at = static_cast<int64_t>(c);
      const int64_t there = place[static_cast<size_t>(j)] - 1;
      if (there < 0) continue;
      hsic.add(i, j, a.value(source, at), b.value(i, there),
               a.returned(source, at) != 0 && b.returned(i, there) != 0);
    }
    for (const int32_t j : other) place[static_cast<size_t>(j)] = 0;
  }
  return hsic.value();
}

}  // namespace

PreparedGrid prepare_cknna_prh_code(const kernels::Context& context, const MetricSpec& metric,
                                    const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  const auto left = std::make_shared<const MaskedKernels>(masked_kernels(context, a, k));
  const auto right = std::make_shared<const MaskedKernels>(masked_kernels(context, b, k));
  const auto reason = [&](const LayerInput& x, const LayerInput& y) {
    return pair_reason(x.name, self_reason(a, *left, k, x), y.name, self_reason(b, *right, k, y));
  };
  return prepare_cells(a, b, reason,
                       [left, right](int64_t x, int64_t y, std::span<const int32_t> relabelling) {
                         const MaskedKernel& mine = (*left)[static_cast<size_t>(x)];
                         const MaskedKernel& other = (*right)[static_cast<size_t>(y)];
                         return shared_hsic(mine, other, relabelling) /
                                (std::sqrt(mine.self * other.self) + kAddedToDenominator);
                       });
}

}  // namespace consilience::engine
