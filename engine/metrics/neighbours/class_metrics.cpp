#include <algorithm>
#include <unordered_map>

#include "engine/metrics/neighbours/group_metrics.h"
#include "engine/metrics/neighbours/row_sums.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using Classes = std::vector<int32_t>;  // [n]

/// Both sides show the same samples, so they have the same classes; either may name them.
Classes classes_of(const ModelInput& a, const ModelInput& b) {
  const auto classes = b.classes.empty() ? a.classes : b.classes;
  expect(a.classes.empty() || std::ranges::equal(a.classes, classes),
         "{} and {} give their samples different classes", a.model, b.model);
  return {classes.begin(), classes.end()};
}

PreparedGrid prepare(const ModelInput& a, const ModelInput& b, int k, bool with_classes,
                     std::function<RowScore()> scorer) {
  const auto reason = [with_classes, lists = lists_reason(a.rows, k)](
                          const LayerInput& x, const LayerInput& y) -> std::string {
    return with_classes ? lists(x, y) : "no class ids were given";
  };
  PreparedGrid grid = prepare_cells(a, b, reason, {});
  set_row_sums(
      grid, {.a = first_lists(a, k),
             .b = first_lists(b, k),
             .scorer = std::move(scorer),
             .divisor = [all = static_cast<double>(a.rows) * k](int64_t, int64_t) { return all; }});
  return grid;
}

/// Sum over classes of the smaller count.
RowScore shared_classes(const Classes& classes) {
  return [&classes, counts = std::unordered_map<int32_t, int>()](const ListPair& lists) mutable {
    counts.clear();
    for (const int32_t j : lists.b) ++counts[classes[static_cast<size_t>(j)]];
    int shared = 0;
    for (const int32_t j : lists.a) {
      const auto count = counts.find(classes[static_cast<size_t>(j)]);
      if (count != counts.end() && count->second-- > 0) ++shared;
    }
    return static_cast<double>(shared);
  };
}

/// How likely a pair of samples is listed by a layer after a random relabelling within classes, by
/// the classes of the two.
class PairShares {
 public:
  PairShares(kernels::ListView lists, int k, const Classes& classes) {
    std::unordered_map<int32_t, int64_t> size;
    for (const int32_t one : classes) ++size[one];
    for (int64_t i = 0; i < lists.rows(); ++i) {
      const int32_t from = classes[static_cast<size_t>(i)];
      for (const int32_t j : lists.row(i).first(static_cast<size_t>(k))) {
        const int32_t to = classes[static_cast<size_t>(j)];
        const int64_t partners = size[to] - (from == to ? 1 : 0);
        share_[key(from, to)] +=
            1 / (static_cast<double>(size[from]) * static_cast<double>(partners));
      }
    }
  }

  [[nodiscard]] double of(int32_t from, int32_t to) const {
    const auto found = share_.find(key(from, to));
    return found == share_.end() ? 0 : found->second;
  }

 private:
  static uint64_t key(int32_t from, int32_t to) {
    return static_cast<uint64_t>(static_cast<uint32_t>(from)) << 32 | static_cast<uint32_t>(to);
  }

  std::unordered_map<uint64_t, double> share_;
};

}  // namespace

PreparedGrid prepare_class_agreement(const kernels::Context&, const MetricSpec& metric,
                                     const ModelInput& a, const ModelInput& b) {
  const Classes classes = classes_of(a, b);
  return prepare(a, b, metric.k(), !classes.empty(), [classes] { return shared_classes(classes); });
}

PreparedGrid prepare_within_class_mean(const kernels::Context&, const MetricSpec& metric,
                                       const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  const Classes classes = classes_of(a, b);
  std::vector<PairShares> shares;
  for (const LayerInput& layer : b.layers) {
    const bool usable = !classes.empty() && list_reason(layer, b.rows, k).empty();
    shares.emplace_back(usable ? layer.graph->index.view() : kernels::ListView(), k, classes);
  }
  PreparedGrid grid = prepare(a, b, k, !classes.empty(), [classes, shares] {
    return [&classes, &shares](const ListPair& lists) {
      const PairShares& share = shares[static_cast<size_t>(lists.layer_b)];
      const int32_t own = classes[static_cast<size_t>(lists.row)];
      double expected = 0;
      for (const int32_t j : lists.a) expected += share.of(own, classes[static_cast<size_t>(j)]);
      return expected;
    };
  });
  if (k < a.rows) grid.chance = static_cast<double>(k) / static_cast<double>(a.rows - 1);
  return grid;
}

}  // namespace consilience::engine
