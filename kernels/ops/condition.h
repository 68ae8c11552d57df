#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/base/backend.h"
#include "kernels/base/matrix_view.h"

/// Conditioning of features, in the order clamp, centre, scale (docs: numerics, section 1). Never a
/// copy of the features: a threshold, a mean and row scales that every later op applies on the fly,
/// the same bits everywhere.
namespace consilience::kernels {

enum class Similarity { dot, euclidean };

/// Features [n, d] with their conditioning: v_if = double(clamp(x_if, -clamp, clamp)) - mean_f; row
/// i times scale_i.
struct Conditioned {
  MatrixView<const float> x;                             // [n, d]
  float clamp = std::numeric_limits<float>::infinity();  // infinity: none
  std::span<const double> mean;                          // [d]; empty: not centred
  std::span<const double> scale;                         // [n]; empty: all 1
};

/// Throws Error(never) naming `name` and the first row and column that hold NaN or infinity.
void check_finite(const Context& context, MatrixView<const float> x, std::string_view name);

/// The element at index min(count - 1, floor(q * count)) of the sorted |x| over all the matrices
/// together (one layer, or all layers of a model), exactly, without interpolation. q in [0, 1].
/// Precondition: finite.
float abs_quantile(const Context& context, std::span<const MatrixView<const float>> layers,
                   double q);

/// The mean over samples of the linearly interpolated q-quantile (numpy's "linear") of |x_i| over
/// all layers' columns together: what the released PRH script does. All matrices have the same
/// number of rows. f32 interpolation as in torch.quantile is not imitated: double.
double mean_sample_quantile(const Context& context, std::span<const MatrixView<const float>> layers,
                            double q);

/// Column means [d] of clamp(x), by blocks of 1,024 rows and a pairwise tree: the same bits on
/// every backend.
std::vector<double> column_mean(const Context& context, MatrixView<const float> x, float clamp);

/// c_i = 1 / sqrt(T(v_i, v_i)) [n]. A zero row gives +infinity: the caller decides what that means.
std::vector<double> row_scales(const Context& context, MatrixView<const float> x, float clamp,
                               std::span<const double> mean);

/// First row that differs from row 0 after clamping, or nothing: then every row is equal (a
/// constant layer).
std::optional<int64_t> first_differing_row(MatrixView<const float> x, float clamp);

}  // namespace consilience::kernels
