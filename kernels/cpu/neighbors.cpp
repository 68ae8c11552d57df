#include <algorithm>

#include "kernels/base/parallel.h"
#include "kernels/cpu/candidate_lists.h"
#include "kernels/cpu/candidate_tile.h"
#include "kernels/cpu/neighbor_search.h"
#include "kernels/cpu/residuals.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kBlockBytes = int64_t{32} << 20;  // f32 residuals of one side in memory
constexpr int64_t kListBytes = int64_t{64} << 20;   // candidates in memory
constexpr int64_t kMaxQueries = 8192;
constexpr int64_t kChunk = 64;  // query rows that one thread takes against a block: whole tiles

/// Rows of d floats and their bounds that fit a block, in whole chunks.
int64_t block_rows(int64_t d) {
  constexpr int64_t kBoundFloats = 8;
  const int64_t rows = kBlockBytes / ((d + kBoundFloats) * int64_t{sizeof(float)});
  return std::max(kChunk, rows / kChunk * kChunk);
}

/// Query rows that are worked on together.
int64_t queries_at_once(int64_t d, int k) {
  const auto list_bytes = static_cast<int64_t>(CandidateLists::room(k) * sizeof(Candidate));
  const int64_t rows = std::min({block_rows(d), kMaxQueries, kListBytes / list_bytes});
  return std::max(kChunk, rows / kChunk * kChunk);
}

/// Kinds [first, first + panels.rows) of the gallery as panels.
void fill_panels(const NeighborSearch& search, const ResidualFrame& frame, int64_t first,
                 Panels& panels) {
  parallel_for(search.context, panels.rows, kChunk, [&](int64_t begin, int64_t end) {
    std::vector<double> room(static_cast<size_t>(search.gallery.padded()));
    for (int64_t j = begin; j < end; ++j) {
      const int32_t row = search.kinds.rows()[static_cast<size_t>(first + j)];
      ResidualNorms norms;
      if (frame.residual(search.gallery, search.gallery_scale(row), row, room.data(),
                         panels.feature_of(j), tile_columns(), norms)) {
        panels.set_bound(j, gallery_bound(norms, panels.d), norms.offset);
      } else {
        panels.set_unbounded(j);
      }
    }
  });
}

/// The queries [first, first + count), filled up to whole chunks with rows that want nothing.
class QueryBlock {
 public:
  QueryBlock(const NeighborSearch& search, const ResidualFrame& frame, int64_t first, int64_t count)
      : search_(search),
        first_(first),
        count_(count),
        chunks_((count + kChunk - 1) / kChunk),
        d_(search.queries.x().cols()),
        features_(static_cast<size_t>(chunks_ * kChunk * d_)),
        bounds_(static_cast<size_t>(chunks_ * kChunk)),
        lists_(chunks_ * kChunk, search.params.k) {
    parallel_for(search.context, chunks_ * kChunk, kChunk, [&](int64_t begin, int64_t end) {
      std::vector<double> room(static_cast<size_t>(search.queries.padded()));
      for (int64_t r = begin; r < end; ++r) prepare(frame, r, room.data());
    });
  }

  /// Looks for candidates among kinds [first_kind, first_kind + panels.rows).
  void scan(const Panels& panels, int64_t first_kind) {
    parallel_for(search_.context, chunks_ * kChunk, kChunk, [&](int64_t begin, int64_t end) {
      std::vector<Hit> hits(static_cast<size_t>(tile_rows() * tile_columns()));
      for (int64_t panel = 0; panel * tile_columns() < panels.rows; ++panel) {
        for (int64_t r = begin; r < end; r += tile_rows()) {
          const int found = scan_tile(features_.data() + r * d_, bounds_.data() + r,
                                      lists_.threshold(r), panels, panel, hits.data());
          for (const Hit& hit : std::span(hits).first(static_cast<size_t>(found))) {
            if (hit.column < panels.rows) take(r + hit.row, first_kind + hit.column, hit);
          }
        }
      }
    });
  }

  /// Ranks what was found, and redoes the queries that f32 could not decide.
  void rank() {
    parallel_for(search_.context, count_, kChunk, [&](int64_t begin, int64_t end) {
      ExactRanking ranking(search_);
      std::vector<int32_t> kinds;
      for (int64_t r = begin; r < end; ++r) {
        if (lists_.given_up(r)) {
          ranking.rank_all(first_ + r);
          continue;
        }
        kinds.clear();
        for (const Candidate& candidate : lists_.finish(r)) kinds.push_back(candidate.row);
        ranking.rank(first_ + r, kinds);
      }
    });
  }

 private:
  void prepare(const ResidualFrame& frame, int64_t r, double* room) {
    ResidualNorms norms;
    if (r < count_ && frame.residual(search_.queries, search_.query_scale(first_ + r), first_ + r,
                                     room, features_.data() + r * d_, 1, norms)) {
      bounds_[static_cast<size_t>(r)] = query_bound(norms, search_.params.similarity);
    } else {
      lists_.give_up(r);
    }
  }

  void take(int64_t r, int64_t kind, const Hit& hit) {
    if (lists_.given_up(r) || !search_.any_eligible(first_ + r, kind)) return;
    lists_.push(r, {hit.low, hit.high, static_cast<int32_t>(kind)});
  }

  const NeighborSearch& search_;
  int64_t first_;
  int64_t count_;
  int64_t chunks_;
  int64_t d_;
  std::vector<float> features_;     // [chunks * kChunk, d]
  std::vector<QueryBound> bounds_;  // [chunks * kChunk]
  CandidateLists lists_;
};

void search_all(const NeighborSearch& search) {
  const int64_t d = search.gallery.x().cols();
  const ResidualFrame frame(search.gallery, search.gallery_scales, search.kinds.rows(),
                            search.params.similarity);
  const int64_t queries = search.queries.x().rows();
  const int64_t step = queries_at_once(d, search.params.k);
  for (int64_t first = 0; first < queries; first += step) {
    QueryBlock block(search, frame, first, std::min(step, queries - first));
    for (int64_t kind = 0; kind < search.kinds.size(); kind += block_rows(d)) {
      Panels panels(std::min(block_rows(d), search.kinds.size() - kind), d);
      fill_panels(search, frame, kind, panels);
      block.scan(panels, kind);
    }
    block.rank();
  }
}

}  // namespace

NeighborWork neighbors(const Context& context, const Conditioned& queries,
                       const Conditioned& gallery, const NeighborParams& params,
                       NeighborLists out) {
  const NeighborSearch search(context, queries, gallery, params, out);
  if (search.kinds.size() > int64_t{4} * (params.k + 1)) {
    search_all(search);
    return {};
  }
  // Most rows would be candidates.
  parallel_for(context, queries.x.rows(), 16, [&](int64_t begin, int64_t end) {
    ExactRanking ranking(search);
    for (int64_t i = begin; i < end; ++i) ranking.rank_all(i);
  });
  return {};
}

}  // namespace consilience::kernels::cpu
