#include "kernels/cpu/neighbor_search.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace consilience::kernels::cpu {
namespace {

constexpr size_t kBatch = 512;

bool same_rows(const Conditioned& a, const Conditioned& b) {
  return a.x.data() == b.x.data() && a.x.rows() == b.x.rows() && a.x.stride() == b.x.stride() &&
         a.clamp == b.clamp && std::ranges::equal(a.mean, b.mean) &&
         std::ranges::equal(a.scale, b.scale);
}

bool each_is_itself(const NeighborParams& params) {
  for (size_t i = 0; i < params.self.size(); ++i) {
    if (params.self[i] != static_cast<int64_t>(i)) return false;
  }
  return std::ranges::equal(params.query_group, params.gallery_group);
}

}  // namespace

NeighborSearch::NeighborSearch(const Context& context_, const Conditioned& queries_,
                               const Conditioned& gallery_, const NeighborParams& params_,
                               const NeighborLists& out_)
    : context(context_),
      params(params_),
      out(out_),
      queries(queries_.x, queries_.clamp, queries_.mean),
      gallery(gallery_.x, gallery_.clamp, gallery_.mean),
      query_scales(queries_.scale),
      gallery_scales(gallery_.scale),
      symmetric(same_rows(queries_, gallery_) && each_is_itself(params_)),
      kinds(context_, gallery_, params_.gallery_group) {}

bool NeighborSearch::eligible(int64_t i, int64_t j) const {
  const auto at = static_cast<size_t>(i);
  if (!params.self.empty() && params.self[at] == j) return false;
  return params.query_group.empty() ||
         params.query_group[at] != params.gallery_group[static_cast<size_t>(j)];
}

void NeighborSearch::write(int64_t i, std::span<const Ranked> best, int32_t ties) const {
  const double sign = params.similarity == Similarity::euclidean ? -1.0 : 1.0;
  const auto k = static_cast<size_t>(params.k);
  for (size_t r = 0; r < k; ++r) {
    out.index.row(i)[r] = best[r].index;
    out.score.row(i)[r] = sign * best[r].merit;
  }
  const auto at = static_cast<size_t>(i);
  out.next_score[at] =
      best.size() > k ? sign * best[k].merit : std::numeric_limits<double>::quiet_NaN();
  out.ties[at] = ties;
}

ExactRanking::ExactRanking(const NeighborSearch& search)
    : search_(search),
      sign_(search.params.similarity == Similarity::euclidean ? -1.0 : 1.0),
      v_(static_cast<size_t>(search.queries.padded())),
      rows_(kBatch),
      dots_(kBatch) {}

void ExactRanking::rank(int64_t i, std::span<const int32_t> kinds, BestRows& best) {
  search_.queries.condition(i, v_.data());
  const double c_i = search_.query_scale(i);
  for (size_t begin = 0; begin < kinds.size(); begin += kBatch) {
    const auto batch = kinds.subspan(begin, std::min(kBatch, kinds.size() - begin));
    const auto row_of = [&](int32_t u) { return search_.kinds.rows()[static_cast<size_t>(u)]; };
    std::ranges::transform(batch, rows_.begin(), row_of);
    fixed_dots(v_.data(), search_.gallery, std::span(rows_).first(batch.size()),
               search_.params.similarity, dots_.data());
    for (size_t t = 0; t < batch.size(); ++t) {
      const double merit = sign_ * dots_[t] * (c_i * search_.gallery_scale(rows_[t]));
      for (const int32_t j : search_.kinds.members(batch[t])) {
        if (search_.eligible(i, j)) best.push({merit, j});
      }
    }
  }
}

void ExactRanking::rank_all(int64_t i) {
  std::vector<int32_t> kinds(static_cast<size_t>(search_.kinds.size()));
  std::iota(kinds.begin(), kinds.end(), 0);
  BestRows best(search_.params.k);
  rank(i, kinds, best);
  const auto found = best.finish();
  search_.write(i, found, best.ties());
}

}  // namespace consilience::kernels::cpu
