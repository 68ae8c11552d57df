#include "engine/metrics/one_space/spectral.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "engine/metrics/one_space/layer_values.h"
#include "engine/metrics/one_space/spectrum.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// Directions from a singular value at or below this share of the largest, times max(n, d), are
/// rounding.
constexpr double kRounding = std::numeric_limits<double>::epsilon();

struct RankRange {
  int64_t first, last;
};

std::optional<RankRange> rank_range(std::string_view text) {
  RankRange range{};
  const char* const end = text.data() + text.size();
  const auto [middle, first_error] = std::from_chars(text.data(), end, range.first);
  if (first_error != std::errc{} || end - middle < 3 || middle[0] != '.' || middle[1] != '.')
    return {};
  const auto [stop, last_error] = std::from_chars(middle + 2, end, range.last);
  if (last_error != std::errc{} || stop != end || range.first < 1 || range.last <= range.first)
    return {};
  return range;
}

std::vector<double> squares(std::vector<double> values) {
  for (double& value : values) value *= value;
  return values;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// exp(-sum p ln p), p = value / sum of values + epsilon; p = 0 counts as 0.
double entropy_rank(const std::vector<double>& values, double epsilon) {
  const double total = sum(values);
  double entropy = 0;
  for (const double value : values) {
    const double p = value / total + epsilon;
    if (p > 0) entropy -= p * std::log(p);
  }
  return std::exp(entropy);
}

/// of(singular values, layer).
template <typename Of>
PreparedGrid spectral_grid(const kernels::Context& context, const MetricSpec& metric,
                           const ModelInput& side, Centring centring, Of of) {
  return grid_of_layers(side, [&](const LayerInput& layer) {
    const std::vector<double> s = singular_values_of(context, layer, metric, centring);
    if (s.empty() || s[0] == 0) return undefined_layer("no variance");
    return of(s, layer);
  });
}

/// Of descending singular values.
int64_t directions_with_variance(const std::vector<double>& s, const LayerInput& layer) {
  const int64_t longest = std::max(layer.features->x.rows(), layer.features->x.cols());
  const double rounding = s[0] * kRounding * static_cast<double>(longest);
  return std::ranges::count_if(s, [rounding](double value) { return value > rounding; });
}

LayerValue decay(const std::vector<double>& s, int64_t directions, RankRange ranks, bool equal) {
  if (ranks.last > directions)
    return undefined_layer(fmt::format("ranks {}..{} need {} directions with variance; {} have any",
                                       ranks.first, ranks.last, ranks.last, directions));
  double weight = 0, mean_x = 0, mean_y = 0;
  const auto each = [&](auto visit) {
    for (int64_t i = ranks.first; i <= ranks.last; ++i) {
      const auto rank = static_cast<double>(i);
      visit(equal ? 1.0 : 1.0 / rank, std::log(rank), 2 * std::log(s[static_cast<size_t>(i - 1)]));
    }
  };
  each([&](double w, double x, double y) {
    weight += w;
    mean_x += w * x;
    mean_y += w * y;
  });
  mean_x /= weight;
  mean_y /= weight;
  double xy = 0, xx = 0;
  each([&](double w, double x, double y) {
    xy += w * (x - mean_x) * (y - mean_y);
    xx += w * (x - mean_x) * (x - mean_x);
  });
  return {.value = -xy / xx};
}

}  // namespace

bool is_rank_range(std::string_view text) { return rank_range(text).has_value(); }

PreparedGrid prepare_effective_rank(const kernels::Context& context, const MetricSpec& metric,
                                    const ModelInput& a, const ModelInput&) {
  return spectral_grid(context, metric, a, Centring::as_given,
                       [](const std::vector<double>& s, const LayerInput&) {
                         return LayerValue{.value = entropy_rank(s, 0)};
                       });
}

PreparedGrid prepare_rankme(const kernels::Context& context, const MetricSpec& metric,
                            const ModelInput& a, const ModelInput&) {
  return spectral_grid(context, metric, a, Centring::as_given,
                       [&](const std::vector<double>& s, const LayerInput&) {
                         return LayerValue{.value = entropy_rank(s, metric.number("epsilon"))};
                       });
}

PreparedGrid prepare_effective_rank_covariance(const kernels::Context& context,
                                               const MetricSpec& metric, const ModelInput& a,
                                               const ModelInput&) {
  return spectral_grid(
      context, metric, a, Centring::columns, [&](std::vector<double> s, const LayerInput& layer) {
        s.resize(static_cast<size_t>(directions_with_variance(s, layer)));
        return LayerValue{.value = entropy_rank(squares(s), metric.number("epsilon"))};
      });
}

PreparedGrid prepare_participation_ratio(const kernels::Context& context, const MetricSpec& metric,
                                         const ModelInput& a, const ModelInput&) {
  return spectral_grid(context, metric, a, Centring::columns,
                       [](const std::vector<double>& s, const LayerInput&) {
                         const double total = sum(squares(s));
                         return LayerValue{.value = total * total / sum(squares(squares(s)))};
                       });
}

PreparedGrid prepare_stable_rank(const kernels::Context& context, const MetricSpec& metric,
                                 const ModelInput& a, const ModelInput&) {
  return spectral_grid(context, metric, a, Centring::as_given,
                       [](const std::vector<double>& s, const LayerInput&) {
                         return LayerValue{.value = sum(squares(s)) / (s[0] * s[0])};
                       });
}

PreparedGrid prepare_alpha_req(const kernels::Context& context, const MetricSpec& metric,
                               const ModelInput& a, const ModelInput&) {
  const auto ranks = rank_range(metric.word("ranks"));
  expect(ranks.has_value(), "alpha_req: ranks is '{}'; expected a range such as 1..30",
         metric.word("ranks"));
  const bool equal = metric.word("weights") == "1";
  return spectral_grid(context, metric, a, Centring::columns,
                       [&](const std::vector<double>& s, const LayerInput& layer) {
                         return decay(s, directions_with_variance(s, layer), *ranks, equal);
                       });
}

}  // namespace consilience::engine
