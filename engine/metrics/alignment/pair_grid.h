#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/linalg/linalg.h"
#include "engine/metrics/prepared_grid.h"

/// Grids of metrics that prepare each layer once and then meet layer by layer.
namespace consilience::engine {

/// Rows of x in another order: row order[i] at place i; x itself for an empty order.
class Gathered {
 public:
  Gathered(const Matrix<double>& x, std::span<const int32_t> order);
  [[nodiscard]] MatrixView<const double> view() const { return view_; }

 private:
  Matrix<double> rows_;
  MatrixView<const double> view_;
};

/// What a metric keeps of one layer.
struct PreparedLayer {
  std::string reason = {};       // not empty: no score of this layer is defined
  std::string remark = {};       // what a reader of the scores must know, or ""
  Matrix<double> rows = {};      // [n, r]: what a relabelling moves
  Matrix<double> loadings = {};  // [r, d] = rows' x, where the metric needs them
  double norm = 0;               // of the whole layer, where the metric needs it
};

/// All layers of one side.
using PreparedSide = std::shared_ptr<const std::vector<PreparedLayer>>;

/// Prepares layer after layer with all threads of the context; layers that are undefined by
/// themselves are passed over.
[[nodiscard]] PreparedSide prepare_side(
    const kernels::Context& context, const ModelInput& side,
    const std::function<PreparedLayer(const linalg::Context&, const LayerInput&)>& prepare);

/// A text about a pair of layers, or "".
using PairText = std::function<std::string(const PreparedLayer& a, const PreparedLayer& b)>;
/// A score; b_rows: the rows of b in the order of a.
using PairValue = std::function<double(const linalg::Context&, const PreparedLayer& a,
                                       const PreparedLayer& b, MatrixView<const double> b_rows)>;

/// The grid of two prepared sides. `reason` and `remark` (may be empty) tell of pairs what the
/// layers alone do not say.
[[nodiscard]] PreparedGrid pair_grid(const kernels::Context& context, const ModelInput& a,
                                     const ModelInput& b, const PreparedSide& left,
                                     const PreparedSide& right, const PairValue& value,
                                     const PairText& reason = {}, const PairText& remark = {});

/// Sets grid.values: value(context, i, j, relabelling) for every cell without a reason, the cells
/// spread over the threads of the context.
void spread_cells(const kernels::Context& context, int64_t rows, int64_t cols,
                  std::function<double(const linalg::Context&, int64_t i, int64_t j,
                                       std::span<const int32_t> relabelling)>
                      value,
                  PreparedGrid& grid);

}  // namespace consilience::engine
