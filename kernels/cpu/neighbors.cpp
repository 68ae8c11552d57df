#include <limits>
#include <numeric>

#include "kernels/base/merge.h"
#include "kernels/base/parallel.h"
#include "kernels/cpu/fixed_dot.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

bool eligible(const NeighborParams& params, int64_t i, int64_t j) {
  const auto at = static_cast<size_t>(i);
  if (!params.self.empty() && params.self[at] == j) return false;
  return params.query_group.empty() ||
         params.query_group[at] != params.gallery_group[static_cast<size_t>(j)];
}

}  // namespace

void neighbors(const Context& context, const Conditioned& queries, const Conditioned& gallery,
               const NeighborParams& params, NeighborLists out) {
  const Side query_side(queries.x, queries.clamp, queries.mean);
  const Side gallery_side(gallery.x, gallery.clamp, gallery.mean);
  const auto k = static_cast<size_t>(params.k);
  const double sign = params.similarity == Similarity::euclidean ? -1.0 : 1.0;
  const auto n = static_cast<size_t>(gallery.x.rows());
  parallel_for(context, queries.x.rows(), 16, [&](int64_t begin, int64_t end) {
    std::vector<double> v(static_cast<size_t>(query_side.padded()));
    std::vector<double> dots(n);
    std::vector<int32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0);
    BestRows best(params.k);
    for (int64_t i = begin; i < end; ++i) {
      query_side.condition(i, v.data());
      fixed_dots(v.data(), gallery_side, rows, params.similarity, dots.data());
      best.clear();
      const auto at = static_cast<size_t>(i);
      const double c_i = queries.scale.empty() ? 1.0 : queries.scale[at];
      for (size_t j = 0; j < n; ++j) {
        if (!eligible(params, i, static_cast<int64_t>(j))) continue;
        const double c_j = gallery.scale.empty() ? 1.0 : gallery.scale[j];
        best.push({sign * dots[j] * (c_i * c_j), rows[j]});
      }
      const auto found = best.finish();
      for (size_t r = 0; r < k; ++r) {
        out.index.row(i)[r] = found[r].index;
        out.score.row(i)[r] = sign * found[r].merit;
      }
      out.next_score[at] =
          found.size() > k ? sign * found[k].merit : std::numeric_limits<double>::quiet_NaN();
      out.ties[at] = best.ties();
    }
  });
}

}  // namespace consilience::kernels::cpu
