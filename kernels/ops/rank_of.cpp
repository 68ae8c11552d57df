#include "kernels/ops/rank_of.h"

#include <cmath>

#include "kernels/ops/backends.h"

namespace consilience::kernels {
namespace {

constexpr int64_t kMaxColumns = 16384;

void check_side(const Conditioned& side, const char* name) {
  const int64_t n = side.x.rows();
  const int64_t d = side.x.cols();
  expect(n <= std::numeric_limits<int32_t>::max(), "rank_of: {} rows of {}, expected below 2^31", n,
         name);
  expect(d >= 1 && d <= kMaxColumns, "rank_of: {} columns of {}, expected 1 to {}", d, name,
         kMaxColumns);
  expect(side.clamp >= 0, "rank_of: clamp of {} is {}, expected 0 or more", name, side.clamp);
  expect(side.mean.empty() || std::ssize(side.mean) == d,
         "rank_of: a mean of {} values for {} columns of {}", side.mean.size(), d, name);
  expect(side.scale.empty() || std::ssize(side.scale) == n,
         "rank_of: {} row scales for {} rows of {}", side.scale.size(), n, name);
  for (size_t i = 0; i < side.scale.size(); ++i)
    expect(std::isfinite(side.scale[i]),
           "rank_of: row {} of {} has the scale {} (a zero row?), expected a finite one", i, name,
           side.scale[i]);
}

void check_params(int64_t q, int64_t n, const RankParams& params) {
  expect(params.self.empty() || std::ssize(params.self) == q,
         "rank_of: {} entries of self for {} queries", params.self.size(), q);
  for (size_t i = 0; i < params.self.size(); ++i)
    expect(params.self[i] >= -1 && params.self[i] < n,
           "rank_of: self of query {} is {}, expected -1 to {}", i, params.self[i], n - 1);
  expect(params.query_group.empty() == params.gallery_group.empty(),
         "rank_of: groups are needed for both the queries and the gallery, or for neither");
  expect(params.query_group.empty() ||
             (std::ssize(params.query_group) == q && std::ssize(params.gallery_group) == n),
         "rank_of: {} and {} group ids for {} queries and {} rows of the gallery",
         params.query_group.size(), params.gallery_group.size(), q, n);
}

void check_columns(MatrixView<const int32_t> columns, int64_t n) {
  for (int64_t i = 0; i < columns.rows(); ++i)
    for (const int32_t j : columns.row(i))
      expect(j >= 0 && j < n, "rank_of: query {} asks for row {}, expected 0 to {}", i, j, n - 1);
}

}  // namespace

void rank_of(const Context& context, const Conditioned& queries, const Conditioned& gallery,
             const RankParams& params, MatrixView<const int32_t> columns,
             MatrixView<int32_t> ranks) {
  const int64_t q = queries.x.rows();
  const int64_t n = gallery.x.rows();
  expect(columns.rows() == q && ranks.rows() == q && ranks.cols() == columns.cols(),
         "rank_of: columns is {} x {} and ranks {} x {} for {} queries", columns.rows(),
         columns.cols(), ranks.rows(), ranks.cols(), q);
  if (columns.empty()) return;
  check_side(queries, "the queries");
  check_side(gallery, "the gallery");
  expect(queries.x.cols() == gallery.x.cols(), "rank_of: queries have {} columns, the gallery {}",
         queries.x.cols(), gallery.x.cols());
  expect(params.similarity == Similarity::dot || (queries.scale.empty() && gallery.scale.empty()),
         "rank_of: euclidean takes no row scales: under l2 its order is that of dot");
  check_params(q, n, params);
  check_columns(columns, n);
  dispatch(
      context, [&] { reference::rank_of(context, queries, gallery, params, columns, ranks); },
      [&] { cpu::rank_of(context, queries, gallery, params, columns, ranks); },
      [&] { cuda::rank_of(context, queries, gallery, params, columns, ranks); });
}

}  // namespace consilience::kernels
