#include "kernels/ops/neighbors.h"

#include <cmath>
#include <unordered_map>

#include "kernels/ops/backends.h"

namespace consilience::kernels {
namespace {

constexpr int kMaxNeighbors = 1024;
constexpr int64_t kMaxColumns = 16384;  // up to here the bound of numerics section 3 is proved

void check_conditioned(const Conditioned& side, const char* name) {
  const int64_t n = side.x.rows();
  const int64_t d = side.x.cols();
  expect(n <= std::numeric_limits<int32_t>::max(), "neighbors: {} rows of {}, expected below 2^31",
         n, name);
  expect(d >= 1 && d <= kMaxColumns, "neighbors: {} columns of {}, expected 1 to {}", d, name,
         kMaxColumns);
  expect(side.clamp >= 0, "neighbors: clamp of {} is {}, expected 0 or more", name, side.clamp);
  expect(side.mean.empty() || std::ssize(side.mean) == d,
         "neighbors: a mean of {} values for {} columns of {}", side.mean.size(), d, name);
  expect(side.scale.empty() || std::ssize(side.scale) == n,
         "neighbors: {} row scales for {} rows of {}", side.scale.size(), n, name);
  for (size_t i = 0; i < side.scale.size(); ++i) {
    expect(std::isfinite(side.scale[i]),
           "neighbors: row {} of {} has the scale {} (a zero row?), expected a finite one", i, name,
           side.scale[i]);
  }
}

void check_outputs(int64_t q, int k, const NeighborLists& out) {
  expect(out.index.rows() == q && out.index.cols() == k,
         "neighbors: index is {} x {}, expected {} x {}", out.index.rows(), out.index.cols(), q, k);
  expect(out.score.rows() == q && out.score.cols() == k,
         "neighbors: score is {} x {}, expected {} x {}", out.score.rows(), out.score.cols(), q, k);
  expect(std::ssize(out.next_score) == q && std::ssize(out.ties) == q,
         "neighbors: next_score has {} and ties {} entries, expected {}", out.next_score.size(),
         out.ties.size(), q);
}

/// Every query must have k rows that may be its neighbours.
void check_eligible(int64_t q, int64_t n, const NeighborParams& params) {
  const bool grouped = !params.query_group.empty();
  std::unordered_map<int32_t, int64_t> group_size;
  if (grouped) {
    for (const int32_t group : params.gallery_group) ++group_size[group];
  }
  for (int64_t i = 0; i < q; ++i) {
    const auto at = static_cast<size_t>(i);
    int64_t left_out = 0;
    if (grouped) {
      const auto found = group_size.find(params.query_group[at]);
      if (found != group_size.end()) left_out = found->second;
    }
    if (!params.self.empty()) {
      const int64_t self = params.self[at];
      expect(self >= -1 && self < n, "neighbors: self of query {} is {}, expected -1 to {}", i,
             self, n - 1);
      const bool counted =
          grouped && self >= 0 &&
          params.gallery_group[static_cast<size_t>(self)] == params.query_group[at];
      left_out += self >= 0 && !counted;
    }
    expect(n - left_out >= params.k,
           "neighbors: query {} has {} rows that may be its neighbours, expected at least k = {}",
           i, n - left_out, params.k);
  }
}

}  // namespace

NeighborWork neighbors(const Context& context, const Conditioned& queries,
                       const Conditioned& gallery, const NeighborParams& params,
                       NeighborLists out) {
  const int64_t q = queries.x.rows();
  const int64_t n = gallery.x.rows();
  expect(params.k >= 1 && params.k <= kMaxNeighbors, "neighbors: k is {}, expected 1 to {}",
         params.k, kMaxNeighbors);
  check_outputs(q, params.k, out);
  if (q == 0) return {};
  check_conditioned(queries, "the queries");
  check_conditioned(gallery, "the gallery");
  expect(queries.x.cols() == gallery.x.cols(), "neighbors: queries have {} columns, the gallery {}",
         queries.x.cols(), gallery.x.cols());
  expect(params.similarity == Similarity::dot || (queries.scale.empty() && gallery.scale.empty()),
         "neighbors: euclidean takes no row scales: under l2 its order is that of dot");
  expect(params.self.empty() || std::ssize(params.self) == q,
         "neighbors: {} entries of self for {} queries", params.self.size(), q);
  expect(params.query_group.empty() == params.gallery_group.empty(),
         "neighbors: groups are needed for both the queries and the gallery, or for neither");
  expect(params.query_group.empty() ||
             (std::ssize(params.query_group) == q && std::ssize(params.gallery_group) == n),
         "neighbors: {} and {} group ids for {} queries and {} rows of the gallery",
         params.query_group.size(), params.gallery_group.size(), q, n);
  check_eligible(q, n, params);
  return dispatch(
      context, [&] { return reference::neighbors(context, queries, gallery, params, out); },
      [&] { return cpu::neighbors(context, queries, gallery, params, out); },
      [&] { return cuda::neighbors(context, queries, gallery, params, out); });
}

}  // namespace consilience::kernels
