#include "kernels/cpu/chunk_ranking.h"

#include <algorithm>
#include <numeric>

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kCacheBytes = int64_t{8} << 20;
constexpr int64_t kListBytes = int64_t{16} << 20;

}  // namespace

ChunkRanking::ChunkRanking(const NeighborSearch& search)
    : search_(search),
      end_(static_cast<size_t>(search.kinds.size())),
      v_(static_cast<size_t>(search.gallery.padded())) {}

int64_t ChunkRanking::queries(const NeighborSearch& search) {
  const int64_t row = search.queries.x().cols() * int64_t{sizeof(float)};
  const int64_t list = BestRows::capacity(search.params.k) * int64_t{sizeof(Ranked)};
  return std::clamp<int64_t>(std::min(kCacheBytes / row, kListBytes / list), 64, 4096);
}

void ChunkRanking::start(std::span<const int32_t> queries) {
  queries_ = queries;
  while (best_.size() < queries.size()) best_.emplace_back(search_.params.k);
  for (BestRows& best : best_) best.clear();
  wanted_.clear();
}

void ChunkRanking::add(size_t q, std::span<const int32_t> kinds) {
  for (const int32_t kind : kinds) wanted_.push_back({static_cast<int32_t>(q), kind});
}

void ChunkRanking::order_by_kind() {
  std::ranges::fill(end_, 0);
  for (const Wanted& wanted : wanted_) ++end_[static_cast<size_t>(wanted.kind)];
  std::exclusive_scan(end_.begin(), end_.end(), end_.begin(), 0);
  places_.resize(wanted_.size());
  for (const Wanted& wanted : wanted_) {
    places_[static_cast<size_t>(end_[static_cast<size_t>(wanted.kind)]++)] = wanted.query;
  }
  wanted_.clear();
}

void ChunkRanking::rank() {
  order_by_kind();
  size_t begin = 0;
  for (size_t kind = 0; kind < end_.size(); ++kind) {
    const auto end = static_cast<size_t>(end_[kind]);
    if (kind + 1 < end_.size()) prefetch(static_cast<int32_t>(kind + 1));
    if (begin < end) {
      rank(static_cast<int32_t>(kind), std::span(places_).subspan(begin, end - begin));
    }
    begin = end;
  }
}

/// Rows are too short for the hardware to see where the next one begins.
void ChunkRanking::prefetch(int32_t kind) const {
  constexpr size_t kLine = 16;  // floats
  const auto row = search_.gallery.x().row(search_.kinds.rows()[static_cast<size_t>(kind)]);
  for (size_t f = 0; f < row.size(); f += kLine) __builtin_prefetch(row.data() + f);
}

void ChunkRanking::rank(int32_t kind, std::span<const int32_t> places) {
  const int32_t row = search_.kinds.rows()[static_cast<size_t>(kind)];
  const double scale = search_.gallery_scale(row);
  search_.gallery.condition(row, v_.data());
  rows_.resize(places.size());
  dots_.resize(places.size());
  std::ranges::transform(places, rows_.begin(),
                         [&](int32_t q) { return queries_[static_cast<size_t>(q)]; });
  fixed_dots(v_.data(), search_.queries, rows_, search_.params.similarity, dots_.data());
  for (size_t t = 0; t < places.size(); ++t) {
    const double merit = search_.sign() * dots_[t] * (search_.query_scale(rows_[t]) * scale);
    BestRows& best = best_[static_cast<size_t>(places[t])];
    search_.push(rows_[t], kind, merit, best);
  }
}

}  // namespace consilience::kernels::cpu
