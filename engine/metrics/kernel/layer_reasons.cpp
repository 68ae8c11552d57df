#include "engine/metrics/kernel/layer_reasons.h"

#include <limits>

namespace consilience::engine {

PreparedGrid grid_with_reasons(const ModelInput& a, const ModelInput& b,
                               const std::vector<std::string>& why_a,
                               const std::vector<std::string>& why_b) {
  PreparedGrid grid =
      prepare_cells(a, b, [](const LayerInput&, const LayerInput&) { return std::string(); }, {});
  grid.reasons.clear();
  for (size_t i = 0; i < a.layers.size(); ++i)
    for (size_t j = 0; j < b.layers.size(); ++j)
      grid.reasons.push_back(pair_reason(a.layers[i].name, why_a[i], b.layers[j].name, why_b[j]));
  return grid;
}

std::vector<int64_t> usable_layers(const std::vector<std::string>& why) {
  std::vector<int64_t> usable;
  for (size_t l = 0; l < why.size(); ++l)
    if (why[l].empty()) usable.push_back(static_cast<int64_t>(l));
  return usable;
}

Matrix<double> spread(const Matrix<double>& scores, const std::vector<int64_t>& layers_a,
                      const std::vector<int64_t>& layers_b, const std::vector<std::string>& reasons,
                      int64_t rows, int64_t cols) {
  Matrix<double> grid(rows, cols, std::numeric_limits<double>::quiet_NaN());
  for (int64_t i = 0; i < scores.rows(); ++i)
    for (int64_t j = 0; j < scores.cols(); ++j) {
      const int64_t row = layers_a[static_cast<size_t>(i)];
      const int64_t col = layers_b[static_cast<size_t>(j)];
      if (reasons[static_cast<size_t>(row * cols + col)].empty()) grid(row, col) = scores(i, j);
    }
  return grid;
}

}  // namespace consilience::engine
