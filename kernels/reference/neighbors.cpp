#include <algorithm>
#include <limits>

#include "kernels/base/conditioned_value.h"
#include "kernels/base/fixed_sum.h"
#include "kernels/base/merge.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::reference {
namespace {

double value(const Conditioned& side, int64_t i, int64_t f) {
  return conditioned(side.x(i, f), side.clamp,
                     side.mean.empty() ? 0.0 : side.mean[static_cast<size_t>(f)]);
}

double scale(const Conditioned& side, int64_t i) {
  return side.scale.empty() ? 1.0 : side.scale[static_cast<size_t>(i)];
}

/// s(i, j), or minus d2(i, j): larger is nearer.
double merit(const Conditioned& queries, int64_t i, const Conditioned& gallery, int64_t j,
             Similarity similarity) {
  const int64_t d = gallery.x.cols();
  if (similarity == Similarity::euclidean) {
    const auto gap = [&](int64_t f) { return value(queries, i, f) - value(gallery, j, f); };
    return -fixed_dot(d, gap, gap);
  }
  const auto v = [&](int64_t f) { return value(queries, i, f); };
  const auto w = [&](int64_t f) { return value(gallery, j, f); };
  return fixed_dot(d, v, w) * (scale(queries, i) * scale(gallery, j));
}

bool eligible(const NeighborParams& params, int64_t i, int64_t j) {
  const auto at = static_cast<size_t>(i);
  if (!params.self.empty() && params.self[at] == j) return false;
  return params.query_group.empty() ||
         params.query_group[at] != params.gallery_group[static_cast<size_t>(j)];
}

}  // namespace

NeighborWork neighbors(const Context&, const Conditioned& queries, const Conditioned& gallery,
                       const NeighborParams& params, NeighborLists out) {
  NeighborWork work;
  const auto k = static_cast<size_t>(params.k);
  const double sign = params.similarity == Similarity::euclidean ? -1.0 : 1.0;
  for (int64_t i = 0; i < queries.x.rows(); ++i) {
    std::vector<Ranked> rows;
    for (int64_t j = 0; j < gallery.x.rows(); ++j) {
      if (!eligible(params, i, j)) continue;
      rows.push_back({merit(queries, i, gallery, j, params.similarity), static_cast<int32_t>(j)});
    }
    work.candidates += std::ssize(rows);
    std::sort(rows.begin(), rows.end(), ranks_before);
    for (size_t r = 0; r < k; ++r) {
      out.index.row(i)[r] = rows[r].index;
      out.score.row(i)[r] = sign * rows[r].merit;
    }
    const auto at = static_cast<size_t>(i);
    out.next_score[at] =
        rows.size() > k ? sign * rows[k].merit : std::numeric_limits<double>::quiet_NaN();
    out.ties[at] = 0;
    for (size_t r = k; r < rows.size(); ++r) out.ties[at] += rows[r].merit == rows[k - 1].merit;
  }
  return work;
}

}  // namespace consilience::kernels::reference
