#include "engine/metrics/rdm/rsa.h"

#include <charconv>
#include <memory>

#include "engine/metrics/kernel/layer_reasons.h"
#include "engine/metrics/kernel/lower_triangles.h"
#include "engine/metrics/kernel/pairwise_layer.h"
#include "engine/metrics/rdm/all_pairs.h"
#include "engine/metrics/rdm/sampled_rsa.h"

#include <fmt/format.h>

namespace consilience::engine {
namespace {

constexpr int64_t kFewest = 3;  // rows: two dissimilarities can always be brought in line
constexpr int64_t kFewestPairs = 1000;
constexpr int64_t kMostPairs = 100'000'000;

struct Side {
  std::vector<std::string> why;
  std::vector<PairwiseLayer> layers;  // usable ones
};

int64_t pair_count(std::string_view text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  return error == std::errc{} && end == text.data() + text.size() ? count : 0;
}

/// Ranks of distances and of their squares are the same, and squares keep ties exact.
PairwiseLayer rdm_of(const kernels::Context& context, const kernels::Conditioned& features,
                     const std::string& rdm, Comparison comparison) {
  const bool ranked = comparison == Comparison::spearman || comparison == Comparison::kendall;
  if (rdm == "correlation" || rdm == "cosine") {
    const RowForm form = rdm == "cosine" ? RowForm::unit : RowForm::standardised;
    return {LayerRows(context, features, form), PairEntry::half_squared_distance, false};
  }
  return {LayerRows(context, features, RowForm::centred),
          rdm == "euclidean" && !ranked ? PairEntry::distance : PairEntry::squared_distance, false};
}

Side side_of(const kernels::Context& context, const MetricSpec& metric, const ModelInput& model,
             Comparison comparison) {
  Side side;
  for (const auto& layer : model.layers) {
    std::string why = layer.reason;
    if (why.empty() && model.rows < kFewest)
      why =
          fmt::format("{} rows; comparing dissimilarities needs at least {}", model.rows, kFewest);
    if (why.empty()) {
      PairwiseLayer rdm = rdm_of(context, *layer.features, metric.word("rdm"), comparison);
      why = rdm.rows().reason();
      if (why.empty()) side.layers.push_back(std::move(rdm));
    }
    side.why.push_back(std::move(why));
  }
  return side;
}

}  // namespace

bool is_pair_count(std::string_view text) {
  const int64_t count = pair_count(text);
  return text == "auto" || (count >= kFewestPairs && count <= kMostPairs);
}

PreparedGrid prepare_rsa_grid(const kernels::Context& context, const MetricSpec& metric,
                              const ModelInput& a, const ModelInput& b, Comparison comparison) {
  const std::string& pairs = metric.word("pairs");
  const int64_t all = triangle_row(a.rows);
  const int64_t wanted = pairs != "auto"                  ? pair_count(pairs)
                         : a.rows <= kRsaRowsWithAllPairs ? all
                                                          : kRsaSample;
  Side side_a = side_of(context, metric, a, comparison);
  Side side_b = side_of(context, metric, b, comparison);
  (void)grid_with_reasons(a, b, side_a.why, side_b.why);  // before the work: same rows
  RdmSides sides{std::move(side_a.layers), std::move(side_b.layers), std::move(side_a.why),
                 std::move(side_b.why)};
  return wanted >= all ? all_pairs_grid(context, a, b, std::move(sides), comparison)
                       : sampled_grid(context, a, b, std::move(sides), comparison, wanted);
}

}  // namespace consilience::engine
