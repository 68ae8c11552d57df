#include "kernels/cuda/self_search.h"

#include <algorithm>

#include "kernels/cuda/exact_scores.h"

namespace consilience::kernels::cuda {

int64_t SelfSearch::bytes(const NeighborCall& call, Arithmetic arithmetic) {
  const int64_t d = call.gallery_features.x.cols();
  return pipeline_bytes() +
         call.kinds.size() *
             (FeatureRows::bytes_a_row(d) + PackedRows::bytes_a_row(arithmetic, d) +
              CandidateLists::bytes_a_row(call.params.k) + 3 * int64_t{sizeof(int32_t)});
}

SelfSearch::SelfSearch(const NeighborCall& call, const GalleryOrder& order,
                       const ResidualFrame& frame, Arithmetic arithmetic)
    : call_(call),
      order_(order),
      pipeline_(arithmetic, call.gallery_features.x.cols()),
      features_(call.context, call.gallery_features, order.size()),
      packed_(arithmetic, order.size(), frame, call.gallery_features.x.cols()),
      barred_(call, order, order.rows),
      lists_(order.size(), order.size(), call.gallery_features.x.cols(), call.params.k) {
  const Stream& stream = pipeline_.products();
  features_.upload(order.rows, stream);
  packed_.pack(features_, stream);
  packed_.set_errors(packed_.largest_norms(stream), stream);
  lists_.start(packed_, stream);
  stream.synchronize();
  seen_.resize(static_cast<size_t>(blocks()));
}

TilePipeline::Rows SelfSearch::block(int64_t b) const {
  const int64_t first = b * pipeline_.side();
  return {packed_, first, std::min(pipeline_.side(), rows() - first), 0};
}

void SelfSearch::scan_within(int64_t b) {
  const auto rows = block(b);
  pipeline_.run(rows, rows, lists_.view(), barred_.view(), false, seen(b), 0);
  seen(b) += rows.count;
}

void SelfSearch::scan(BlockPair pair) {
  const auto rows = block(pair.first);
  const auto columns = block(pair.second);
  pipeline_.run(rows, columns, lists_.view(), barred_.view(), true, seen(pair.first),
                seen(pair.second));
  seen(pair.first) += columns.count;
  seen(pair.second) += rows.count;
}

int64_t SelfSearch::given_up() const {
  const auto thresholds = lists_.thresholds(pipeline_.scans());
  return std::ranges::count(thresholds, kNothing) - std::ssize(outcasts());
}

void SelfSearch::finish() {
  for (int64_t b = 0; b < blocks(); ++b) {
    const auto rows = block(b);
    lists_.compact(packed_.bounds(), rows.first, rows.first + rows.count, seen(b), stream());
  }
  score_candidates(features_, features_, 0, call_.params.similarity, lists_.view(), stream());
  stream().synchronize();
}

ListProof SelfSearch::proof() const { return {packed_.owns(stream()), packed_.levels(stream())}; }

std::vector<int32_t> SelfSearch::outcasts() const {
  std::vector<int32_t> kinds;
  for (const int32_t p : packed_.outcasts(stream())) {
    kinds.push_back(order_.kinds[static_cast<size_t>(p)]);
  }
  return kinds;
}

}  // namespace consilience::kernels::cuda
