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

/// s(i, j), or minus d2(i, j), with j.
Ranked ranked(const Conditioned& queries, int64_t i, const Conditioned& gallery, int64_t j,
              Similarity similarity) {
  const auto v = [&](int64_t f) { return value(queries, i, f); };
  const auto w = [&](int64_t f) { return value(gallery, j, f); };
  const auto gap = [&](int64_t f) { return v(f) - w(f); };
  const int64_t d = gallery.x.cols();
  const double merit = similarity == Similarity::euclidean
                           ? -fixed_dot(d, gap, gap)
                           : fixed_dot(d, v, w) * (scale(queries, i) * scale(gallery, j));
  return {merit, static_cast<int32_t>(j)};
}

bool eligible(const RankParams& params, int64_t i, int64_t j) {
  const auto at = static_cast<size_t>(i);
  if (!params.self.empty() && params.self[at] == j) return false;
  return params.query_group.empty() ||
         params.query_group[at] != params.gallery_group[static_cast<size_t>(j)];
}

}  // namespace

void rank_of(const Context&, const Conditioned& queries, const Conditioned& gallery,
             const RankParams& params, MatrixView<const int32_t> columns,
             MatrixView<int32_t> ranks) {
  for (int64_t i = 0; i < columns.rows(); ++i) {
    std::vector<Ranked> rows;
    for (int64_t j = 0; j < gallery.x.rows(); ++j)
      rows.push_back(ranked(queries, i, gallery, j, params.similarity));
    for (int64_t c = 0; c < columns.cols(); ++c) {
      const Ranked& asked = rows[static_cast<size_t>(columns(i, c))];
      int32_t rank = 1;
      for (const Ranked& other : rows)
        rank += eligible(params, i, other.index) && ranks_before(other, asked);
      ranks(i, c) = rank;
    }
  }
}

}  // namespace consilience::kernels::reference
