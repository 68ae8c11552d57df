#include "engine/metrics/alignment/pair_grid.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace consilience::engine {
namespace {

void add_remark(std::string remark, std::vector<std::string>& remarks) {
  if (!remark.empty() && std::ranges::find(remarks, remark) == remarks.end())
    remarks.push_back(std::move(remark));
}

void add_remarks(const ModelInput& side, const std::vector<PreparedLayer>& prepared,
                 std::vector<std::string>& remarks) {
  for (size_t l = 0; l < prepared.size(); ++l)
    if (prepared[l].reason.empty() && !prepared[l].remark.empty())
      add_remark(fmt::format("{} {}: {}", side.model, side.layers[l].name, prepared[l].remark),
                 remarks);
}

}  // namespace

Gathered::Gathered(const Matrix<double>& x, std::span<const int32_t> order) : view_(x.view()) {
  if (order.empty()) return;
  rows_ = Matrix<double>(x.rows(), x.cols());
  for (int64_t i = 0; i < x.rows(); ++i)
    std::ranges::copy(x.row(order[static_cast<size_t>(i)]), rows_.row(i).begin());
  view_ = rows_.view();
}

PreparedSide prepare_side(
    const kernels::Context& context, const ModelInput& side,
    const std::function<PreparedLayer(const linalg::Context&, const LayerInput&)>& prepare) {
  std::vector<PreparedLayer> prepared;
  for (const LayerInput& layer : side.layers)
    prepared.push_back(layer.reason.empty() ? prepare(context, layer) : PreparedLayer{});
  return std::make_shared<const std::vector<PreparedLayer>>(std::move(prepared));
}

PreparedGrid pair_grid(const kernels::Context& context, const ModelInput& a, const ModelInput& b,
                       const PreparedSide& left, const PreparedSide& right, const PairValue& value,
                       const PairText& reason, const PairText& remark) {
  std::vector<std::string> remarks;
  add_remarks(a, *left, remarks);
  add_remarks(b, *right, remarks);
  const auto why = [&](const LayerInput& x, const LayerInput& y) {
    const PreparedLayer& p = (*left)[static_cast<size_t>(&x - a.layers.data())];
    const PreparedLayer& q = (*right)[static_cast<size_t>(&y - b.layers.data())];
    std::string text = pair_reason(x.name, p.reason, y.name, q.reason);
    if (text.empty() && reason) text = reason(p, q);
    if (text.empty() && remark) add_remark(remark(p, q), remarks);
    return text;
  };
  PreparedGrid grid = prepare_cells(a, b, why, {});
  grid.remarks = std::move(remarks);
  spread_cells(
      context, std::ssize(a.layers), std::ssize(b.layers),
      [left, right, value](const linalg::Context& inner, int64_t i, int64_t j,
                           std::span<const int32_t> relabelling) {
        const PreparedLayer& x = (*left)[static_cast<size_t>(i)];
        const PreparedLayer& y = (*right)[static_cast<size_t>(j)];
        const Gathered moved(y.rows, relabelling);
        return value(inner, x, y, moved.view());
      },
      grid);
  return grid;
}

void spread_cells(const kernels::Context& context, int64_t rows, int64_t cols,
                  std::function<double(const linalg::Context&, int64_t i, int64_t j,
                                       std::span<const int32_t> relabelling)>
                      value,
                  PreparedGrid& grid) {
  grid.parallel_inside = rows * cols > 1;
  grid.values = [=, reasons = grid.reasons,
                 value = std::move(value)](std::span<const int32_t> relabelling) {
    const linalg::Context inner{context.backend, 1};
    Matrix<double> out(rows, cols, std::numeric_limits<double>::quiet_NaN());
    kernels::parallel_for(context, rows * cols, 1, [&](int64_t begin, int64_t end) {
      for (int64_t cell = begin; cell < end; ++cell)
        if (reasons[static_cast<size_t>(cell)].empty())
          out(cell / cols, cell % cols) = value(inner, cell / cols, cell % cols, relabelling);
    });
    return out;
  };
}

}  // namespace consilience::engine
