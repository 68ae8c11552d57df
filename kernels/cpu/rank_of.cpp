#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/base/merge.h"
#include "kernels/base/parallel.h"
#include "kernels/cpu/fixed_dot.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kFewColumns = 16;  // up to so many, counting beats sorting
constexpr int64_t kQueries = 16;     // that one thread takes at a time

/// One call of rank_of: what every query needs to know.
struct Search {
  const RankParams& params;
  Side queries;
  Side gallery;
  std::span<const double> query_scales;
  std::span<const double> gallery_scales;
  std::vector<int32_t> rows;  // 0 .. n-1
};

class QueryRanks {
 public:
  explicit QueryRanks(const Search& search)
      : search_(search),
        v_(static_cast<size_t>(search.queries.padded())),
        merit_(search.rows.size()),
        counted_(search.rows.size()) {}

  void rank(int64_t i, std::span<const int32_t> columns, std::span<int32_t> ranks) {
    score(i);
    leave_out(i);
    if (std::ssize(columns) <= kFewColumns) {
      for (size_t c = 0; c < columns.size(); ++c) ranks[c] = count_before(columns[c]);
      return;
    }
    sort();
    for (size_t c = 0; c < columns.size(); ++c) {
      const Ranked asked = {merit_[static_cast<size_t>(columns[c])], columns[c]};
      const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), asked, ranks_before);
      ranks[c] = 1 + static_cast<int32_t>(at - sorted_.begin());
    }
  }

 private:
  static constexpr double kLeftOut = -std::numeric_limits<double>::infinity();

  void score(int64_t i) {
    search_.queries.condition(i, v_.data());
    fixed_dots(v_.data(), search_.gallery, search_.rows, search_.params.similarity, merit_.data());
    if (search_.params.similarity == Similarity::euclidean) {
      for (double& merit : merit_) merit = -merit;
      return;
    }
    const double own =
        search_.query_scales.empty() ? 1.0 : search_.query_scales[static_cast<size_t>(i)];
    for (size_t j = 0; j < merit_.size(); ++j)
      merit_[j] *= own * (search_.gallery_scales.empty() ? 1.0 : search_.gallery_scales[j]);
  }

  void leave_out(int64_t i) {
    const RankParams& params = search_.params;
    const auto at = static_cast<size_t>(i);
    counted_ = merit_;
    if (!params.query_group.empty()) {
      for (size_t j = 0; j < counted_.size(); ++j)
        if (params.gallery_group[j] == params.query_group[at]) counted_[j] = kLeftOut;
    }
    if (!params.self.empty() && params.self[at] >= 0)
      counted_[static_cast<size_t>(params.self[at])] = kLeftOut;
  }

  [[nodiscard]] int32_t count_before(int32_t j) const {
    const auto at = static_cast<size_t>(j);
    const double asked = merit_[at];
    int32_t rank = 1;
    for (size_t other = 0; other < at; ++other) rank += counted_[other] >= asked;
    for (size_t other = at; other < counted_.size(); ++other) rank += counted_[other] > asked;
    return rank;
  }

  void sort() {
    sorted_.clear();
    for (size_t j = 0; j < counted_.size(); ++j)
      if (counted_[j] != kLeftOut) sorted_.push_back({counted_[j], static_cast<int32_t>(j)});
    std::sort(sorted_.begin(), sorted_.end(), ranks_before);
  }

  const Search& search_;
  std::vector<double> v_;
  std::vector<double> merit_;    // [n] s(i, j), or minus d2(i, j)
  std::vector<double> counted_;  // [n] the same, minus infinity where a row is left out
  std::vector<Ranked> sorted_;
};

}  // namespace

void rank_of(const Context& context, const Conditioned& queries, const Conditioned& gallery,
             const RankParams& params, MatrixView<const int32_t> columns,
             MatrixView<int32_t> ranks) {
  Search search{params,
                {queries.x, queries.clamp, queries.mean},
                {gallery.x, gallery.clamp, gallery.mean},
                queries.scale,
                gallery.scale,
                std::vector<int32_t>(static_cast<size_t>(gallery.x.rows()))};
  std::iota(search.rows.begin(), search.rows.end(), 0);
  parallel_for(context, columns.rows(), kQueries, [&](int64_t begin, int64_t end) {
    QueryRanks query(search);
    for (int64_t i = begin; i < end; ++i) query.rank(i, columns.row(i), ranks.row(i));
  });
}

}  // namespace consilience::kernels::cpu
