#include "engine/metrics/neighbours/row_sums.h"

#include <memory>

namespace consilience::engine {
namespace {

/// Goes through the samples and shows the lists of every pair of layers for which wanted(a, b).
template <typename Wanted, typename Visit>
void for_each_list_pair(const RowSums& sums, int64_t n, std::span<const int32_t> relabelling,
                        Wanted wanted, Visit visit) {
  const std::vector<int32_t> source = rows_in_place(relabelling, n);
  std::vector<int32_t> place(static_cast<size_t>(n));
  std::vector<std::vector<int32_t>> relabelled(sums.a.size());
  for (int64_t row = 0; row < n; ++row) {
    const int64_t from = source[static_cast<size_t>(row)];
    for (size_t a = 0; a < sums.a.size(); ++a) {
      if (sums.a[a].empty()) continue;
      const auto list = sums.a[a].row(from);
      relabelled[a].assign(list.begin(), list.end());
      if (relabelling.empty()) continue;
      for (int32_t& j : relabelled[a]) j = relabelling[static_cast<size_t>(j)];
    }
    for (size_t b = 0; b < sums.b.size(); ++b) {
      if (sums.b[b].empty()) continue;
      const auto list = sums.b[b].row(row);
      int32_t next = 0;
      for (const int32_t j : list) place[static_cast<size_t>(j)] = ++next;
      for (size_t a = 0; a < sums.a.size(); ++a) {
        const auto layer_a = static_cast<int64_t>(a);
        const auto layer_b = static_cast<int64_t>(b);
        if (!sums.a[a].empty() && wanted(layer_a, layer_b))
          visit(ListPair{layer_a, layer_b, row, from, relabelled[a], list, place});
      }
      for (const int32_t j : list) place[static_cast<size_t>(j)] = 0;
    }
  }
}

}  // namespace

void set_row_sums(PreparedGrid& grid, RowSums sums) {
  const auto shared = std::make_shared<const RowSums>(std::move(sums));
  const auto cols = std::ssize(shared->b);
  const auto defined = [reasons = grid.reasons, cols](int64_t a, int64_t b) {
    return reasons[static_cast<size_t>(a * cols + b)].empty();
  };
  const int64_t n = grid.rows;
  grid.values = [shared, defined, cols, n](std::span<const int32_t> relabelling) {
    Matrix<double> values(std::ssize(shared->a), cols);
    const RowScore score = shared->scorer();
    for_each_list_pair(*shared, n, relabelling, defined, [&](const ListPair& lists) {
      values(lists.layer_a, lists.layer_b) += score(lists);
    });
    for (int64_t a = 0; a < values.rows(); ++a)
      for (int64_t b = 0; b < cols; ++b)
        values(a, b) = defined(a, b) ? values(a, b) / shared->divisor(a, b)
                                     : std::numeric_limits<double>::quiet_NaN();
    return values;
  };
  if (!shared->mean) return;
  grid.per_sample = [shared, n](int64_t a, int64_t b) {
    std::vector<double> scores(static_cast<size_t>(n));
    const RowScore score = shared->scorer();
    const double whole = shared->divisor(a, b) / static_cast<double>(n);
    const auto wanted = [a, b](int64_t x, int64_t y) { return x == a && y == b; };
    for_each_list_pair(*shared, n, {}, wanted, [&](const ListPair& lists) {
      scores[static_cast<size_t>(lists.row)] = score(lists) / whole;
    });
    return scores;
  };
}

}  // namespace consilience::engine
