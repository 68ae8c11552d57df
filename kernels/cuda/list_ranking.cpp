#include "kernels/cuda/list_ranking.h"

#include <algorithm>
#include <limits>

#include "kernels/base/parallel.h"
#include "kernels/cuda/dense_ranking.h"
#include "kernels/cuda/devices.h"

namespace consilience::kernels::cuda {
namespace {

constexpr int64_t kListBytes = int64_t{64} << 20;  // of the host, for queries that are begun
constexpr int64_t kGrain = 64;
constexpr double kNoMerit = -std::numeric_limits<double>::infinity();

int64_t chunk_queries(int k) {
  const int64_t list = BestRows::capacity(k) * int64_t{sizeof(Ranked)};
  return std::clamp<int64_t>(kListBytes / list, 256, 1 << 16);
}

/// Some queries, the rows they stand for one after the other.
struct Chunk {
  std::vector<int32_t> rows;
  std::vector<int64_t> query;  // of each row
  std::vector<BestRows> best;  // [rows]
};

void take(const NeighborCall& call, const GalleryOrder& order, const CandidateLists::Found& found,
          int64_t first, Chunk& chunk) {
  parallel_for(call.context, std::ssize(chunk.rows), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const auto at = static_cast<size_t>(r);
      const auto [from, to] = found.range(chunk.query[at] - first);
      for (size_t c = from; c < to; ++c) {
        const int32_t kind = order.kinds[static_cast<size_t>(found.column[c])];
        call.push(chunk.rows[at], kind, found.exact[c], chunk.best[at]);
      }
    }
  });
}

}  // namespace

std::vector<int32_t> rank_lists(const NeighborCall& call, const GalleryOrder& order,
                                const ResidualFrame& frame, std::span<const ListPart> parts,
                                const ListProof& proof, std::span<const int32_t> outcasts,
                                const std::function<std::span<const int32_t>(int64_t)>& rows_of,
                                int64_t& candidates) {
  const int64_t queries = std::ssize(proof.own);
  std::vector<float> threshold(proof.own.size(), kEverything);
  for (const ListPart& part : parts) {
    const CurrentDevice device(part.device);
    const auto highest = part.lists->thresholds(*part.stream);
    for (size_t p = 0; p < threshold.size(); ++p) {
      threshold[p] = std::max(threshold[p], highest[p]);
    }
  }
  std::vector<int32_t> undecided;
  const int64_t step = chunk_queries(call.params.k);
  for (int64_t first = 0; first < queries; first += step) {
    const int64_t last = std::min(queries, first + step);
    Chunk chunk;
    for (int64_t p = first; p < last; ++p) {
      const auto rows = rows_of(p);
      if (threshold[static_cast<size_t>(p)] == kNothing) {
        undecided.insert(undecided.end(), rows.begin(), rows.end());
        continue;
      }
      for (const int32_t row : rows) {
        chunk.rows.push_back(row);
        chunk.query.push_back(p);
        chunk.best.emplace_back(call.params.k);
      }
    }
    for (const ListPart& part : parts) {
      const CurrentDevice device(part.device);
      const auto found = part.lists->found(first, last, *part.stream);
      candidates += std::ssize(found.column);
      take(call, order, found, first, chunk);
    }
    const CurrentDevice device(parts.front().device);
    rank_densely(call, chunk.rows, outcasts, chunk.best);
    candidates += std::ssize(chunk.rows) * std::ssize(outcasts);
    for (size_t r = 0; r < chunk.rows.size(); ++r) {
      const auto found = chunk.best[r].finish();
      const auto p = static_cast<size_t>(chunk.query[r]);
      const double worst = std::ssize(found) > call.params.k ? found.back().merit : kNoMerit;
      if (proves(threshold[p], frame.in_units(worst) - proof.level[p], proof.own[p])) {
        call.write(chunk.rows[r], found, chunk.best[r].ties());
      } else {
        undecided.push_back(chunk.rows[r]);
      }
    }
  }
  return undecided;
}

}  // namespace consilience::kernels::cuda
