#include <algorithm>
#include <limits>

#include "kernels/base/merge.h"
#include "kernels/base/parallel.h"
#include "kernels/cpu/fixed_dot.h"
#include "kernels/cpu/simd_targets.h"
#include "kernels/ops/backends.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/rank_of.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// How many of values [0, j) are at least `asked`, and of values [j, n) above it.
int64_t count_before(const double* values, int64_t n, int64_t j, double asked) {
  const hn::CappedTag<double, 8> tag;
  const auto width = static_cast<int64_t>(hn::Lanes(tag));
  const auto wanted = hn::Set(tag, asked);
  size_t count = 0;
  int64_t i = 0;
  for (; i + width <= j; i += width) {
    count += hn::CountTrue(tag, hn::Ge(hn::LoadU(tag, values + i), wanted));
  }
  for (; i < j; ++i) count += values[i] >= asked;
  for (; i + width <= n; i += width) {
    count += hn::CountTrue(tag, hn::Gt(hn::LoadU(tag, values + i), wanted));
  }
  for (; i < n; ++i) count += values[i] > asked;
  return static_cast<int64_t>(count);
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(count_before);

namespace {

constexpr int64_t kFewColumns = 512;  // up to so many, counting beats sorting
constexpr int64_t kQueries = 16;      // scored together, whole tiles
constexpr int64_t kRows = 16;         // of the gallery, scored together, whole tiles

/// One call of rank_of: what every query needs to know.
struct Search {
  const RankParams& params;
  Side queries;
  Side gallery;
  std::span<const double> query_scales;
  std::span<const double> gallery_scales;

  [[nodiscard]] int64_t rows() const { return gallery.x().rows(); }  // n
};

/// A few rows of one side, conditioned.
class RowBlock {
 public:
  RowBlock(const Side& side, int64_t rows)
      : side_(side), values_(static_cast<size_t>(rows * side.padded())) {
    for (int64_t r = 0; r < rows; ++r) row_.push_back(values_.data() + r * side.padded());
  }

  /// Rows [begin, end); what is left of the block repeats the last one.
  void read(int64_t begin, int64_t end) {
    for (size_t r = 0; r < row_.size(); ++r) {
      const int64_t i = begin + static_cast<int64_t>(r);
      if (i < end) {
        side_.condition(i, row_[r]);
      } else {
        std::copy(row_[r - 1], row_[r - 1] + side_.padded(), row_[r]);
      }
    }
  }

  [[nodiscard]] const double* const* rows(int64_t r) const { return row_.data() + r; }

 private:
  const Side& side_;
  std::vector<double> values_;
  std::vector<double*> row_;
};

class QueryRanks {
 public:
  explicit QueryRanks(const Search& search)
      : search_(search),
        queries_(search.queries, kQueries),
        gallery_(search.gallery, kRows),
        merits_(static_cast<size_t>(kQueries * search.rows())),
        counted_(static_cast<size_t>(search.rows())) {}

  /// Queries [begin, end), at most kQueries.
  void rank(int64_t begin, int64_t end, MatrixView<const int32_t> columns,
            MatrixView<int32_t> ranks) {
    score(begin, end);
    for (int64_t i = begin; i < end; ++i) rank_one(i, i - begin, columns.row(i), ranks.row(i));
  }

 private:
  static constexpr double kLeftOut = -std::numeric_limits<double>::infinity();

  [[nodiscard]] std::span<double> merits(int64_t query) {
    return std::span(merits_).subspan(static_cast<size_t>(query * search_.rows()),
                                      static_cast<size_t>(search_.rows()));
  }

  /// s(i, j), or minus d2(i, j), without the scales.
  void score(int64_t begin, int64_t end) {
    const int64_t n = search_.rows();
    const int64_t count = end - begin;
    queries_.read(begin, end);
    for (int64_t j = 0; j < n; j += kRows) {
      gallery_.read(j, std::min(n, j + kRows));
      for (int64_t q = 0; q < count; q += kTileSide)
        for (int64_t r = 0; r < std::min(kRows, n - j); r += kTileSide)
          score_tile(q, count, r, j, n);
    }
  }

  void score_tile(int64_t q, int64_t count, int64_t r, int64_t j, int64_t n) {
    double tile[kTileSide * kTileSide];
    fixed_dot_tile(queries_.rows(q), gallery_.rows(r), search_.gallery.padded(),
                   search_.params.similarity, tile);
    for (int64_t a = 0; a < std::min<int64_t>(kTileSide, count - q); ++a) {
      double* merit = merits(q + a).data() + j + r;
      for (int64_t b = 0; b < std::min<int64_t>(kTileSide, n - j - r); ++b)
        merit[b] = tile[a * kTileSide + b];
    }
  }

  void scale(int64_t i, std::span<double> merit) const {
    if (search_.params.similarity == Similarity::euclidean) {
      for (double& value : merit) value = -value;
      return;
    }
    const double own =
        search_.query_scales.empty() ? 1.0 : search_.query_scales[static_cast<size_t>(i)];
    for (size_t j = 0; j < merit.size(); ++j)
      merit[j] *= own * (search_.gallery_scales.empty() ? 1.0 : search_.gallery_scales[j]);
  }

  void rank_one(int64_t i, int64_t query, std::span<const int32_t> columns,
                std::span<int32_t> ranks) {
    const std::span<double> merit = merits(query);
    scale(i, merit);
    leave_out(i, merit);
    const bool few = std::ssize(columns) <= kFewColumns;
    if (!few) sort();
    for (size_t c = 0; c < columns.size(); ++c) {
      const Ranked asked = {merit[static_cast<size_t>(columns[c])], columns[c]};
      const int64_t before =
          few ? HWY_DYNAMIC_DISPATCH(count_before)(counted_.data(), search_.rows(), asked.index,
                                                   asked.merit)
              : std::lower_bound(sorted_.begin(), sorted_.end(), asked, ranks_before) -
                    sorted_.begin();
      ranks[c] = 1 + static_cast<int32_t>(before);
    }
  }

  void leave_out(int64_t i, std::span<const double> merit) {
    const RankParams& params = search_.params;
    const auto at = static_cast<size_t>(i);
    std::ranges::copy(merit, counted_.begin());
    if (!params.query_group.empty()) {
      for (size_t j = 0; j < counted_.size(); ++j)
        if (params.gallery_group[j] == params.query_group[at]) counted_[j] = kLeftOut;
    }
    if (!params.self.empty() && params.self[at] >= 0)
      counted_[static_cast<size_t>(params.self[at])] = kLeftOut;
  }

  void sort() {
    sorted_.clear();
    for (size_t j = 0; j < counted_.size(); ++j)
      if (counted_[j] != kLeftOut) sorted_.push_back({counted_[j], static_cast<int32_t>(j)});
    std::sort(sorted_.begin(), sorted_.end(), ranks_before);
  }

  const Search& search_;
  RowBlock queries_;
  RowBlock gallery_;
  std::vector<double> merits_;   // [kQueries, n] s(i, j), or minus d2(i, j)
  std::vector<double> counted_;  // [n] of one query, minus infinity where a row is left out
  std::vector<Ranked> sorted_;
};

}  // namespace

void rank_of(const Context& context, const Conditioned& queries, const Conditioned& gallery,
             const RankParams& params, MatrixView<const int32_t> columns,
             MatrixView<int32_t> ranks) {
  const Search search{params,
                      {queries.x, queries.clamp, queries.mean},
                      {gallery.x, gallery.clamp, gallery.mean},
                      queries.scale,
                      gallery.scale};
  parallel_for(context, columns.rows(), 2 * kQueries, [&](int64_t begin, int64_t end) {
    QueryRanks some(search);
    for (int64_t i = begin; i < end; i += kQueries)
      some.rank(i, std::min(end, i + kQueries), columns, ranks);
  });
}

}  // namespace consilience::kernels::cpu
#endif
