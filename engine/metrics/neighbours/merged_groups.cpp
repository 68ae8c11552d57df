#include <algorithm>

#include "engine/metrics/neighbours/group_metrics.h"
#include "engine/metrics/neighbours/row_sums.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// Finds the first k groups of a list; remembers which groups it has seen by the time it saw them.
class GroupLists {
 public:
  GroupLists(std::span<const int32_t> groups, int k)
      : groups_(groups.begin(), groups.end()),
        k_(k),
        seen_(groups.empty() ? 0 : static_cast<size_t>(std::ranges::max(groups)) + 1) {}

  /// Calls found(group) for the first k distinct groups that are not row's own.
  template <typename Found>
  void visit(int64_t row, std::span<const int32_t> list, Found found) {
    ++now_;
    seen_[static_cast<size_t>(group(row))] = now_;
    int count = 0;
    for (const int32_t j : list) {
      int64_t& seen = seen_[static_cast<size_t>(group(j))];
      if (seen == now_) continue;
      seen = now_;
      found(group(j));
      if (++count == k_) return;
    }
  }

 private:
  [[nodiscard]] int32_t group(int64_t row) const { return groups_[static_cast<size_t>(row)]; }

  std::vector<int32_t> groups_;
  int k_;
  std::vector<int64_t> seen_;
  int64_t now_ = 0;
};

std::string merged_reason(const ModelInput& model, const LayerInput& layer, int k) {
  const std::string why = list_reason(layer, model.rows, k);
  if (!why.empty()) return why;
  if (model.groups.empty()) return "no group ids were given";
  GroupLists groups(model.groups, k);
  for (int64_t i = 0; i < model.rows; ++i) {
    int held = 0;
    groups.visit(i, layer.graph->index.row(i), [&](int32_t) { ++held; });
    if (held < k)
      return fmt::format("row {} lists {} rows of {} other groups; expected at least k = {} groups",
                         i, layer.graph->capacity(), held, k);
  }
  return "";
}

/// Whole lists: k groups can need more than k rows.
std::vector<RowLists> whole_lists(const ModelInput& model, int k) {
  std::vector<RowLists> lists;
  for (const LayerInput& layer : model.layers)
    lists.push_back(
        merged_reason(model, layer, k).empty()
            ? RowLists::first_columns(layer.graph->index.view(), layer.graph->capacity())
            : RowLists());
  return lists;
}

RowScore shared_groups(std::span<const int32_t> groups, int k) {
  const size_t ids = groups.empty() ? 0 : static_cast<size_t>(std::ranges::max(groups)) + 1;
  return [lists_a = GroupLists(groups, k), lists_b = GroupLists(groups, k),
          listed = std::vector<uint8_t>(ids)](const ListPair& lists) mutable {
    const auto listed_as = [&](uint8_t mark) {
      return [&listed, mark](int32_t group) { listed[static_cast<size_t>(group)] = mark; };
    };
    int shared = 0;
    lists_b.visit(lists.row, lists.b, listed_as(1));
    lists_a.visit(lists.row, lists.a,
                  [&](int32_t group) { shared += listed[static_cast<size_t>(group)]; });
    lists_b.visit(lists.row, lists.b, listed_as(0));
    return static_cast<double>(shared);
  };
}

}  // namespace

PreparedGrid prepare_mutual_knn_merged(const kernels::Context&, const MetricSpec& metric,
                                       const ModelInput& a, const ModelInput& b) {
  const int k = metric.k();
  expect(a.groups.empty() || b.groups.empty() || std::ranges::equal(a.groups, b.groups),
         "{} and {} put their samples into different groups", a.model, b.model);
  for (const int32_t group : b.groups)
    expect(group >= 0, "{}: group id {}, expected 0 or more", b.model, group);
  PreparedGrid grid = prepare_cells(a, b,
                                    [&](const LayerInput& x, const LayerInput& y) {
                                      return pair_reason(x.name, merged_reason(a, x, k), y.name,
                                                         merged_reason(b, y, k));
                                    },
                                    {});
  const std::vector<int32_t> groups(b.groups.begin(), b.groups.end());
  set_row_sums(
      grid, {.a = whole_lists(a, k),
             .b = whole_lists(b, k),
             .scorer = [groups, k] { return shared_groups(groups, k); },
             .divisor = [all = static_cast<double>(a.rows) * k](int64_t, int64_t) { return all; }});
  return grid;
}

}  // namespace consilience::engine
