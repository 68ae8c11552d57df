#include "engine/metrics/prepared_grid.h"

#include <algorithm>
#include <numeric>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// [rows, cols] of value(i, j) where there is no reason, NaN elsewhere.
template <typename Value>
Matrix<double> fill(const std::vector<std::string>& reasons, int64_t rows, int64_t cols,
                    Value value) {
  Matrix<double> grid(rows, cols, std::numeric_limits<double>::quiet_NaN());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j)
      if (reasons[static_cast<size_t>(i * cols + j)].empty()) grid(i, j) = value(i, j);
  return grid;
}

}  // namespace

std::string pair_reason(const std::string& name_a, const std::string& reason_a,
                        const std::string& name_b, const std::string& reason_b) {
  const std::string left = reason_a.empty() ? "" : name_a + ": " + reason_a;
  const std::string right = reason_b.empty() ? "" : name_b + ": " + reason_b;
  if (left.empty() || right.empty() || left == right) return left.empty() ? right : left;
  return left + "; " + right;
}

PreparedGrid prepare_cells(
    const ModelInput& a, const ModelInput& b,
    const std::function<std::string(const LayerInput&, const LayerInput&)>& reason,
    std::function<double(int64_t a, int64_t b, std::span<const int32_t> relabelling)> value) {
  expect(a.rows == b.rows,
         "{} has {} rows and {} has {}: row i of both must be the same sample; compare features of "
         "one data set",
         a.model, a.rows, b.model, b.rows);
  PreparedGrid grid;
  grid.rows = a.rows;
  for (const auto& x : a.layers)
    for (const auto& y : b.layers) {
      std::string why = pair_reason(x.name, x.reason, y.name, y.reason);
      grid.reasons.push_back(why.empty() ? reason(x, y) : std::move(why));
    }
  if (!value) return grid;
  grid.values = [reasons = grid.reasons, rows = std::ssize(a.layers), cols = std::ssize(b.layers),
                 value = std::move(value)](std::span<const int32_t> relabelling) {
    return fill(reasons, rows, cols,
                [&](int64_t i, int64_t j) { return value(i, j, relabelling); });
  };
  return grid;
}

PreparedGrid prepare_layers(const ModelInput& a,
                            const std::function<std::string(const LayerInput&)>& reason,
                            std::function<double(int64_t a)> value) {
  PreparedGrid grid;
  grid.rows = a.rows;
  for (const auto& layer : a.layers)
    grid.reasons.push_back(layer.reason.empty() ? reason(layer) : layer.reason);
  grid.values = [reasons = grid.reasons, rows = std::ssize(a.layers),
                 value = std::move(value)](std::span<const int32_t>) {
    return fill(reasons, rows, 1, [&](int64_t i, int64_t) { return value(i); });
  };
  return grid;
}

Matrix<double> widen(const kernels::Conditioned& features, int64_t begin, int64_t end) {
  const int64_t d = features.x.cols();
  Matrix<double> out(end - begin, d);
  const std::vector<double> zeros(features.mean.empty() ? static_cast<size_t>(d) : 0);
  const double* const mean = features.mean.empty() ? zeros.data() : features.mean.data();
  const float clamp = features.clamp;
  for (int64_t i = begin; i < end; ++i) {
    const float* const x = features.x.row(i).data();
    double* const row = out.row(i - begin).data();
    const double scale = features.scale.empty() ? 1 : features.scale[static_cast<size_t>(i)];
    for (int64_t f = 0; f < d; ++f)
      row[f] = (double{std::clamp(x[f], -clamp, clamp)} - mean[f]) * scale;
  }
  return out;
}

Matrix<double> widen(const kernels::Conditioned& features) {
  return widen(features, 0, features.x.rows());
}

std::vector<int32_t> rows_in_place(std::span<const int32_t> relabelling, int64_t n) {
  std::vector<int32_t> place(static_cast<size_t>(n));
  if (relabelling.empty()) std::iota(place.begin(), place.end(), 0);
  for (size_t i = 0; i < relabelling.size(); ++i)
    place[static_cast<size_t>(relabelling[i])] = static_cast<int32_t>(i);
  return place;
}

}  // namespace consilience::engine
