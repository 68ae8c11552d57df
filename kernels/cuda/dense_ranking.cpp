#include "kernels/cuda/dense_ranking.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/base/parallel.h"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/exact_scores.h"

namespace consilience::kernels::cuda {
namespace {

constexpr int64_t kQueries = 256;  // a block
constexpr int64_t kMostBytes = int64_t{256} << 20;
constexpr int64_t kListBytes = int64_t{64} << 20;  // of the host, for queries that are begun

/// Kinds a block: features and the scores of a block of queries, by what the device has left.
int64_t block_kinds(int64_t d, int64_t queries, int64_t kinds) {
  const int64_t room = std::min(usable_bytes(), kMostBytes) - queries * FeatureRows::bytes_a_row(d);
  const int64_t each = FeatureRows::bytes_a_row(d) + queries * int64_t{sizeof(double)};
  return std::clamp<int64_t>(room / each, 1, kinds);
}

}  // namespace

void rank_densely(const NeighborCall& call, std::span<const int32_t> queries,
                  std::span<const int32_t> kinds, std::span<BestRows> best) {
  if (queries.empty() || kinds.empty()) return;
  const int64_t d = call.query_features.x.cols();
  const int64_t block = std::min(kQueries, std::ssize(queries));
  const int64_t step = block_kinds(d, block, std::ssize(kinds));
  const Stream stream;
  FeatureRows rows(call.context, call.query_features, block);
  FeatureRows columns(call.context, call.gallery_features, step);
  DeviceBuffer<double> merits(block * step);
  std::vector<int32_t> column_rows;
  for (int64_t u = 0; u < std::ssize(kinds); u += step) {
    const auto some = kinds.subspan(static_cast<size_t>(u),
                                    static_cast<size_t>(std::min(step, std::ssize(kinds) - u)));
    column_rows.resize(some.size());
    std::ranges::transform(some, column_rows.begin(), [&](int32_t kind) {
      return call.kinds.rows()[static_cast<size_t>(kind)];
    });
    columns.upload(column_rows, stream);
    for (int64_t q = 0; q < std::ssize(queries); q += block) {
      const int64_t count = std::min(block, std::ssize(queries) - q);
      rows.upload(queries.subspan(static_cast<size_t>(q), static_cast<size_t>(count)), stream);
      score_all(rows, 0, count, columns, call.params.similarity, merits.data(), stream);
      const auto scores = merits.download(count * std::ssize(some), stream);
      parallel_for(call.context, count, 1, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          const auto at = static_cast<size_t>(q + r);
          for (size_t c = 0; c < some.size(); ++c) {
            call.push(queries[at], some[c], scores[static_cast<size_t>(r) * some.size() + c],
                      best[at]);
          }
        }
      });
    }
  }
}

void rank_all(const NeighborCall& call, std::span<const int32_t> queries) {
  std::vector<int32_t> kinds(static_cast<size_t>(call.kinds.size()));
  std::iota(kinds.begin(), kinds.end(), 0);
  const int64_t list = BestRows::capacity(call.params.k) * int64_t{sizeof(Ranked)};
  const auto step = static_cast<size_t>(std::max(kQueries, kListBytes / list));
  for (size_t first = 0; first < queries.size(); first += step) {
    const auto some = queries.subspan(first, std::min(step, queries.size() - first));
    std::vector<BestRows> best(some.size(), BestRows(call.params.k));
    rank_densely(call, some, kinds, best);
    for (size_t q = 0; q < some.size(); ++q) {
      const auto found = best[q].finish();
      call.write(some[q], found, best[q].ties());
    }
  }
}

}  // namespace consilience::kernels::cuda
