#include "kernels/cuda/query_search.h"

#include <algorithm>

#include "kernels/base/error.h"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/exact_scores.h"

namespace consilience::kernels::cuda {

QuerySearch::Piece::Piece(const NeighborCall& call, const ResidualFrame& frame,
                          Arithmetic arithmetic, int64_t rows)
    : features(call.context, call.gallery_features, rows),
      packed(arithmetic, rows, frame, call.gallery_features.x.cols()) {}

QuerySearch::Plan QuerySearch::plan(const NeighborCall& call, Arithmetic arithmetic,
                                    int64_t queries) {
  const int64_t d = call.gallery_features.x.cols();
  const int64_t free = usable_bytes();
  const int64_t room = (free - pipeline_bytes()) / 8 * 7;  // the rest: what ranking takes
  const int64_t a_row = FeatureRows::bytes_a_row(d) + PackedRows::bytes_a_row(arithmetic, d);
  const int64_t a_query =
      a_row + CandidateLists::bytes_a_row(call.params.k) + 2 * int64_t{sizeof(int32_t)};
  const int64_t n = call.kinds.size();
  const int64_t whole = n * (a_row + int64_t{sizeof(int32_t)});
  Plan plan{};
  if (whole <= room / 2) {
    plan = {(room - whole) / a_query, n};
  } else {
    plan = {room / 2 / a_query, (room / 2 - n * int64_t{sizeof(int32_t)}) / (2 * a_row)};
  }
  if (plan.queries < 1 || plan.piece < 1) {
    fail(Failure::out_of_memory,
         "neighbors: {} bytes of the device can be used, too few for rows of {} features at k = {}",
         free, d, call.params.k);
  }
  return {std::min(plan.queries, queries), std::min(plan.piece, n)};
}

QuerySearch::QuerySearch(const NeighborCall& call, const GalleryOrder& order,
                         const ResidualFrame& frame, Arithmetic arithmetic, int64_t queries)
    : call_(call),
      order_(order),
      frame_(frame),
      plan_(plan(call, arithmetic, queries)),
      capacity_(plan_.queries),
      piece_rows_(plan_.piece),
      pipeline_(arithmetic, call.gallery_features.x.cols()),
      queries_(call.context, call.query_features, capacity_),
      packed_(arithmetic, capacity_, frame, call.query_features.x.cols()),
      lists_(capacity_, order.size(), call.query_features.x.cols(), call.params.k) {
  for (int piece = 0; piece < (resident() ? 1 : 2); ++piece) {
    pieces_.push_back(std::make_unique<Piece>(call, frame, arithmetic, piece_rows_));
  }
}

QuerySearch::Piece& QuerySearch::bring(int64_t first, bool packed) {
  Piece& piece = *pieces_[static_cast<size_t>(first / piece_rows_) % pieces_.size()];
  if (piece.first == first && (piece.is_packed || !packed)) return piece;
  const int64_t last = std::min(order_.size(), first + piece_rows_);
  const Stream& stream = pipeline_.products();
  piece.used.synchronize();
  piece.features.upload(
      std::span(order_.rows).subspan(static_cast<size_t>(first), static_cast<size_t>(last - first)),
      stream);
  piece.first = first;
  piece.is_packed = packed;
  if (packed) {
    piece.packed.pack(piece.features, stream);
    piece.largest = piece.packed.largest_norms(stream);
    if (!outcasts_known_) {
      for (const int32_t row : piece.packed.outcasts(stream)) {
        outcasts_.push_back(order_.kinds[static_cast<size_t>(first + row)]);
      }
    }
  }
  return piece;
}

bool QuerySearch::scan(int64_t queries, const device::Barred& barred, bool may_refuse) {
  const Stream& scans = pipeline_.scans();
  const ScaledNorms largest = packed_.largest_norms(pipeline_.products());
  lists_.start(packed_, scans);
  const int64_t side = pipeline_.side();
  for (int64_t first = 0; first < order_.size(); first += piece_rows_) {
    Piece& piece = bring(first, true);
    const ScaledNorms both = largest_of(largest, piece.largest);
    packed_.set_errors(both, scans);
    piece.packed.set_errors(both, scans);
    for (int64_t c = 0; c < piece.packed.rows(); c += side) {
      const TilePipeline::Rows columns{piece.packed, c, std::min(side, piece.packed.rows() - c),
                                       first};
      for (int64_t r = 0; r < queries; r += side) {
        pipeline_.run({packed_, r, std::min(side, queries - r), 0}, columns, lists_.view(), barred,
                      false, first + c, 0);
      }
      if (!may_refuse || first + c > 0) continue;
      const auto thresholds = lists_.thresholds(scans);
      const int64_t given_up =
          std::ranges::count(thresholds, kNothing) - std::ssize(packed_.outcasts(scans));
      if (20 * given_up > queries) return false;
    }
    piece.used.record(scans);
  }
  outcasts_known_ = true;
  lists_.compact(packed_.bounds(), 0, queries, order_.size(), scans);
  return true;
}

void QuerySearch::score() {
  for (int64_t first = 0; first < order_.size(); first += piece_rows_) {
    Piece& piece = bring(first, false);
    score_candidates(queries_, piece.features, first, call_.params.similarity, lists_.view(),
                     pipeline_.scans());
    piece.used.record(pipeline_.scans());
  }
}

bool QuerySearch::run(std::span<const int32_t> queries, bool may_refuse,
                      std::vector<int32_t>& undecided, int64_t& candidates) {
  const BarredPairs barred(call_, order_, queries);
  queries_.upload(queries, pipeline_.products());
  packed_.pack(queries_, pipeline_.products());
  if (!scan(std::ssize(queries), barred.view(), may_refuse)) {
    pipeline_.scans().synchronize();
    return false;
  }
  score();
  const Stream& scans = pipeline_.scans();
  scans.synchronize();
  int device = 0;
  CUDA_CHECK(cudaGetDevice(&device));
  const ListPart part{device, &lists_, &scans};
  const ListProof proof{packed_.owns(scans), packed_.levels(scans)};
  const auto left = rank_lists(
      call_, order_, frame_, std::span(&part, 1), proof, outcasts_,
      [&](int64_t p) { return queries.subspan(static_cast<size_t>(p), 1); }, candidates);
  undecided.insert(undecided.end(), left.begin(), left.end());
  return true;
}

}  // namespace consilience::kernels::cuda
