#include <algorithm>
#include <numeric>

#include "kernels/base/block_order.h"
#include "kernels/base/parallel.h"
#include "kernels/cpu/candidate_search.h"
#include "kernels/cpu/candidate_tile.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kChunkBytes = int64_t{32} << 20;  // of queries other than the gallery
constexpr int64_t kFewQueries = 16;   // up to so many, packing the gallery costs more than it saves
constexpr int64_t kFewKinds = 4;      // times k + 1: most rows would be candidates
constexpr int64_t kCoarseRows = 128;  // times k + 1: below, int8 leaves too many candidates
constexpr int64_t kCoarseColumns = 2048;  // beyond, too

// Nanoseconds on one core, measured (docs/benchmarks.md). Only ratios matter, and only for speed.
constexpr double kPerProduct[] = {0.0045, 0.009, 0.018};  // int8, int16, f32: a multiply-add
constexpr double kPerCandidate = 20;                      // kept, compacted, looked up
constexpr double kPerFeature = 0.14;  // of a candidate that is ranked among others, in the end
constexpr double kScattered = 0.9;  // of one beyond its row's room, for what that costs on the way
constexpr double kUnavoidable = 1.3;  // times k + 1: what a sharper arithmetic leaves

/// Queries other than the gallery that are worked on together.
size_t chunk_rows(int64_t d) {
  return static_cast<size_t>(std::clamp<int64_t>(kChunkBytes / (4 * d), 1024, 16384));
}

class Tiers {
 public:
  explicit Tiers(const NeighborSearch& search)
      : search_(search),
        frame_(search.gallery_features, search.kinds.rows(), search.params.similarity),
        order_(shuffled(search.kinds.size())) {
    for (const int32_t kind : order_) {
      gallery_rows_.push_back(search.kinds.rows()[static_cast<size_t>(kind)]);
    }
  }

  NeighborWork run() {
    NeighborWork work;
    std::vector<int32_t> left(static_cast<size_t>(search_.queries.x().rows()));
    std::iota(left.begin(), left.end(), 0);
    bool all = true;
    for (Arithmetic arithmetic = first_arithmetic();; arithmetic = next(arithmetic)) {
      if (all) work.arithmetic = name_of(arithmetic);
      std::vector<int32_t> undecided;
      if (!run(arithmetic, left, all, work, undecided)) continue;
      all = false;
      left = std::move(undecided);
      work.redone += std::ssize(left);
      if (arithmetic == Arithmetic::f32 || std::ssize(left) <= kFewQueries) break;
    }
    parallel_for(search_.context, std::ssize(left), 1, [&](int64_t begin, int64_t end) {
      ExactRanking ranking(search_);
      for (int64_t t = begin; t < end; ++t) ranking.rank_all(left[static_cast<size_t>(t)]);
    });
    return work;
  }

 private:
  static Arithmetic next(Arithmetic arithmetic) {
    return arithmetic == Arithmetic::int8 ? Arithmetic::int16 : Arithmetic::f32;
  }

  [[nodiscard]] Arithmetic first_arithmetic() const {
    if (!multiplies_integers()) return Arithmetic::f32;
    const bool coarse = search_.kinds.size() >= kCoarseRows * (search_.params.k + 1) &&
                        search_.gallery.x().cols() <= kCoarseColumns;
    return coarse ? Arithmetic::int8 : Arithmetic::int16;
  }

  /// Whether so many candidates a query are cheaper than sharper products.
  [[nodiscard]] bool worth_it(Arithmetic arithmetic, double candidates) const {
    if (arithmetic == Arithmetic::f32) return true;
    const auto d = static_cast<double>(search_.gallery.x().cols());
    const double products =
        static_cast<double>(search_.kinds.size()) * d / (search_.symmetric ? 2 : 1);
    const auto at = static_cast<size_t>(arithmetic);
    const double saved = products * (kPerProduct[at + 1] - kPerProduct[at]);
    const int k = search_.params.k;
    const auto room = 0.75 * static_cast<double>(candidate_room(k));
    const double kept = std::min(candidates, room) - kUnavoidable * (k + 1);
    const double cost = kept * (kPerCandidate + kPerFeature * d) +
                        std::max(0.0, candidates - room) * (kPerCandidate + kScattered * d);
    return cost < saved;
  }

  /// Finds the neighbours of `queries` and leaves those that could not be decided in `undecided`.
  /// False: this arithmetic is too coarse for these rows, nothing was found.
  bool run(Arithmetic arithmetic, std::span<const int32_t> queries, bool all, NeighborWork& work,
           std::vector<int32_t>& undecided) {
    const Context& context = search_.context;
    PackedRows gallery(context, arithmetic,
                       {search_.gallery, search_.gallery_features.scale, frame_, gallery_rows_});
    const ScaledNorms largest = gallery.panels.largest_norms();
    if (all && search_.symmetric) {
      gallery.panels.set_errors(largest);
      CandidateSearch candidates(search_, frame_, gallery, {}, gallery, order_);
      if (!worth_it(arithmetic, candidates.scan_first())) return false;
      candidates.scan_rest();
      undecided = candidates.rank(work);
      return true;
    }
    const size_t step = chunk_rows(search_.gallery.x().cols());
    for (size_t first = 0; first < queries.size(); first += step) {
      const auto chunk = queries.subspan(first, std::min(step, queries.size() - first));
      PackedRows packed(context, arithmetic,
                        {search_.queries, search_.query_features.scale, frame_, chunk});
      const ScaledNorms both = largest_of(largest, packed.panels.largest_norms());
      packed.panels.set_errors(both);
      gallery.panels.set_errors(both);
      CandidateSearch candidates(search_, frame_, packed, chunk, gallery, order_);
      const double found = candidates.scan_first();
      if (all && first == 0 && !worth_it(arithmetic, found)) return false;
      candidates.scan_rest();
      std::ranges::copy(candidates.rank(work), std::back_inserter(undecided));
    }
    return true;
  }

  const NeighborSearch& search_;
  ResidualFrame frame_;
  std::vector<int32_t> order_;         // kinds
  std::vector<int32_t> gallery_rows_;  // one row of each
};

}  // namespace

NeighborWork neighbors(const Context& context, const Conditioned& queries,
                       const Conditioned& gallery, const NeighborParams& params,
                       NeighborLists out) {
  const NeighborSearch search(context, queries, gallery, params, out);
  const int64_t q = queries.x.rows();
  if (search.kinds.size() > kFewKinds * (params.k + 1) && q > kFewQueries) {
    return Tiers(search).run();
  }
  parallel_for(context, q, kFewQueries, [&](int64_t begin, int64_t end) {
    ExactRanking ranking(search);
    for (int64_t i = begin; i < end; ++i) ranking.rank_all(i);
  });
  NeighborWork work;
  work.candidates = q * search.kinds.size();
  return work;
}

}  // namespace consilience::kernels::cpu
