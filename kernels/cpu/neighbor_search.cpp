#include "kernels/cpu/neighbor_search.h"

#include <algorithm>
#include <numeric>

namespace consilience::kernels::cpu {
namespace {

constexpr size_t kBatch = 512;

}  // namespace

NeighborSearch::NeighborSearch(const Context& context_, const Conditioned& queries_,
                               const Conditioned& gallery_, const NeighborParams& params_,
                               const NeighborLists& out_)
    : NeighborCall(context_, queries_, gallery_, params_, out_),
      queries(queries_.x, queries_.clamp, queries_.mean),
      gallery(gallery_.x, gallery_.clamp, gallery_.mean) {}

ExactRanking::ExactRanking(const NeighborSearch& search)
    : search_(search),
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
      const double merit = search_.sign() * dots_[t] * (c_i * search_.gallery_scale(rows_[t]));
      search_.push(i, batch[t], merit, best);
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
