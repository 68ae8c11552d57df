#include "kernels/cpu/neighbor_search.h"

#include <algorithm>
#include <limits>

namespace consilience::kernels::cpu {
namespace {

constexpr size_t kBatch = 512;

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
      kinds(context_, gallery_) {}

bool NeighborSearch::eligible(int64_t i, int64_t j) const {
  const auto at = static_cast<size_t>(i);
  if (!params.self.empty() && params.self[at] == j) return false;
  return params.query_group.empty() ||
         params.query_group[at] != params.gallery_group[static_cast<size_t>(j)];
}

bool NeighborSearch::any_eligible(int64_t i, int64_t u) const {
  return std::ranges::any_of(kinds.members(u), [&](int32_t j) { return eligible(i, j); });
}

ExactRanking::ExactRanking(const NeighborSearch& search)
    : search_(search),
      sign_(search.params.similarity == Similarity::euclidean ? -1.0 : 1.0),
      best_(search.params.k),
      v_(static_cast<size_t>(search.queries.padded())),
      rows_(kBatch),
      dots_(kBatch) {}

void ExactRanking::rank(int64_t i, std::span<const int32_t> kinds) {
  start(i);
  for (size_t at = 0; at < kinds.size(); at += kBatch) {
    add(kinds.subspan(at, std::min(kBatch, kinds.size() - at)));
  }
  write();
}

void ExactRanking::rank_all(int64_t i) {
  start(i);
  std::vector<int32_t> kinds;
  for (int64_t u = 0; u < search_.kinds.size();) {
    kinds.clear();
    for (; u < search_.kinds.size() && kinds.size() < kBatch; ++u) {
      kinds.push_back(static_cast<int32_t>(u));
    }
    add(kinds);
  }
  write();
}

void ExactRanking::start(int64_t i) {
  query_ = i;
  search_.queries.condition(i, v_.data());
  best_.clear();
}

void ExactRanking::add(std::span<const int32_t> kinds) {
  std::ranges::transform(kinds, rows_.begin(),
                         [&](int32_t u) { return search_.kinds.rows()[static_cast<size_t>(u)]; });
  fixed_dots(v_.data(), search_.gallery, std::span(rows_).first(kinds.size()),
             search_.params.similarity, dots_.data());
  const double c_i = search_.query_scale(query_);
  for (size_t t = 0; t < kinds.size(); ++t) {
    const double merit = sign_ * dots_[t] * (c_i * search_.gallery_scale(rows_[t]));
    for (const int32_t j : search_.kinds.members(kinds[t])) {
      if (search_.eligible(query_, j)) best_.push({merit, j});
    }
  }
}

void ExactRanking::write() {
  const auto found = best_.finish();
  const auto k = static_cast<size_t>(search_.params.k);
  for (size_t r = 0; r < k; ++r) {
    search_.out.index.row(query_)[r] = found[r].index;
    search_.out.score.row(query_)[r] = sign_ * found[r].merit;
  }
  const auto at = static_cast<size_t>(query_);
  search_.out.next_score[at] =
      found.size() > k ? sign_ * found[k].merit : std::numeric_limits<double>::quiet_NaN();
  search_.out.ties[at] = best_.ties();
}

}  // namespace consilience::kernels::cpu
