#include "engine/metrics/alignment/cca.h"

#include <algorithm>
#include <numeric>

#include "engine/metrics/alignment/centred.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using linalg::Op;

constexpr double kKept = 0.99;

/// Mean singular value of x'y: canonical correlations where both are orthonormal bases.
double mean_correlation(const linalg::Context& context, const PreparedLayer& x,
                        const PreparedLayer&, MatrixView<const double> y_rows) {
  const std::vector<double> s = linalg::singular_values(
      context, linalg::product(context, x.rows.view(), Op::transpose, y_rows, Op::none).view());
  const auto clipped = [](double sum, double rho) { return sum + std::min(1.0, rho); };
  return std::accumulate(s.begin(), s.end(), 0.0, clipped) / static_cast<double>(s.size());
}

/// The first `rank` directions, or a reason.
PreparedLayer first_directions(const Directions& all, int64_t n, int64_t rank) {
  PreparedLayer prepared;
  prepared.reason = spans_everything(n, rank);
  if (rank > all.u.cols())
    prepared.reason = fmt::format("rank {} of a layer that has {} directions", rank, all.u.cols());
  if (prepared.reason.empty()) prepared.rows = first_columns(all.u, rank);
  return prepared;
}

/// Directions of one side of svcca_99: as the parameter says, or by the rule.
int64_t rank_of_side(const MetricSpec& metric, const std::string& parameter,
                     std::vector<double> s) {
  if (metric.word(parameter) != "auto") return static_cast<int64_t>(metric.number(parameter));
  if (metric.word("kept") == "variance")
    for (double& value : s) value *= value;
  return directions_for_99(s);
}

}  // namespace

int64_t directions_for_99(std::span<const double> quantity) {
  const double total = std::accumulate(quantity.begin(), quantity.end(), 0.0);
  double sum = 0;
  for (size_t i = 0; i < quantity.size(); ++i) {
    sum += quantity[i];
    if (sum >= kKept * total) return static_cast<int64_t>(i) + 1;
  }
  return std::ssize(quantity);
}

std::string forced_correlations(const PreparedLayer& a, const PreparedLayer& b) {
  const int64_t free = a.rows.rows() - 1;
  const int64_t forced = a.rows.cols() + b.rows.cols() - free;
  if (forced <= 0) return "";
  return fmt::format(
      "{} of {} canonical correlations are 1 whatever the data: {} + {} dimensions "
      "exceed n - 1 = {}",
      forced, std::min(a.rows.cols(), b.rows.cols()), a.rows.cols(), b.rows.cols(), free);
}

PreparedLayer prepare_whole_basis(const linalg::Context& context, const Matrix<double>& centred) {
  PreparedLayer prepared;
  prepared.reason = spans_everything(centred.rows(), centred.cols());
  if (!prepared.reason.empty()) return prepared;
  prepared.rows = column_basis(context, centred);
  prepared.remark = rank_remark(prepared.rows.cols(), centred.cols());
  return prepared;
}

PreparedGrid prepare_cca_mean(const kernels::Context& context, const MetricSpec& metric,
                              const ModelInput& a, const ModelInput& b) {
  const auto prepare = [&](const linalg::Context& inner, const LayerInput& layer) {
    return prepare_whole_basis(inner, centred_columns(layer, metric));
  };
  return pair_grid(context, a, b, prepare_side(context, a, prepare),
                   prepare_side(context, b, prepare), mean_correlation, {}, forced_correlations);
}

PreparedGrid prepare_svcca_rank(const kernels::Context& context, const MetricSpec& metric,
                                const ModelInput& a, const ModelInput& b) {
  const auto rank = static_cast<int64_t>(metric.number("rank"));
  const auto prepare = [&](const linalg::Context& inner, const LayerInput& layer) {
    return first_directions(directions(inner, centred_columns(layer, metric)), a.rows, rank);
  };
  return pair_grid(context, a, b, prepare_side(context, a, prepare),
                   prepare_side(context, b, prepare), mean_correlation, {}, forced_correlations);
}

PreparedGrid prepare_svcca_99(const kernels::Context& context, const MetricSpec& metric,
                              const ModelInput& a, const ModelInput& b) {
  const auto prepare = [&](const char* parameter) {
    return [&metric, parameter](const linalg::Context& inner, const LayerInput& layer) {
      const Matrix<double> centred = centred_columns(layer, metric);
      const Directions all = directions(inner, centred);
      const int64_t rank = rank_of_side(metric, parameter, all.s);
      PreparedLayer prepared = first_directions(all, centred.rows(), rank);
      prepared.remark =
          fmt::format("{} of {} dimensions are kept", prepared.rows.cols(), centred.cols());
      return prepared;
    };
  };
  return pair_grid(context, a, b, prepare_side(context, a, prepare("rank_x")),
                   prepare_side(context, b, prepare("rank_y")), mean_correlation, {},
                   forced_correlations);
}

}  // namespace consilience::engine
