#include "kernels/cpu/candidate_search.h"

#include <tbb/info.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/base/parallel.h"
#include "kernels/cpu/block_pairs.h"
#include "kernels/cpu/candidate_tile.h"
#include "kernels/cpu/chunk_ranking.h"

namespace consilience::kernels::cpu {
namespace {

constexpr int64_t kBlockRows = 912;  // int8 rows of 768 columns that fit the second-level cache
constexpr int64_t kBlocksPerThread = 4;
constexpr int64_t kSampled = 4;  // one query in so many is looked at for an estimate
constexpr double kNoMerit = -std::numeric_limits<double>::infinity();

int64_t threads_of(const Context& context) {
  return context.threads > 0 ? context.threads : tbb::info::default_concurrency();
}

int64_t panels_of(int64_t rows) { return (rows + tile_columns() - 1) / tile_columns(); }

/// Panels a block: blocks of nearly one size, enough of them for every thread.
int64_t block_panels(const Context& context, int64_t rows) {
  const int64_t threads = threads_of(context);
  const int64_t wanted =
      std::max((rows + kBlockRows - 1) / kBlockRows, threads > 1 ? kBlocksPerThread * threads : 1);
  return std::max<int64_t>(1, (panels_of(rows) + wanted - 1) / wanted);
}

/// `words`: of the row's panel.
TileSide tile_side(const Panels& panels, const uint32_t* words, const float* thresholds,
                   int64_t panel, int64_t row) {
  const auto at = static_cast<size_t>(panel * tile_columns() + row);
  return {words + row,
          thresholds + at,
          panels.inverse.data() + at,
          panels.lifted.data() + at,
          panels.error.data() + at,
          panels.bias.data() + at};
}

}  // namespace

/// One thread's part in a scan.
struct CandidateSearch::Scanner {
  explicit Scanner(CandidateSearch& all_)
      : all(all_),
        ranking(all_.search_),
        panel_words(all_.gallery_.panels.words() * tile_columns()),
        nothing(static_cast<size_t>(tile_columns()), kNothing) {}

  /// Every row of some panels against every row of others. `both`: for either side's lists.
  /// `row_seen` and `column_seen`: columns and rows that they met before.
  void scan(PanelRange rows, PanelRange columns, bool both, int64_t row_seen, int64_t column_seen) {
    const uint32_t* row_words = all.queries_.words(rows.first, rows.last, row_room);
    const int64_t step = both ? columns.last - columns.first : kBlockRows / tile_columns();
    for (int64_t first = columns.first; first < columns.last; first += step) {
      const int64_t last = std::min(columns.last, first + step);
      const uint32_t* column_words = all.gallery_.words(first, last, column_room);
      for (int64_t c = first; c < last; ++c) {
        for (int64_t r = rows.first; r < rows.last; ++r) {
          scan_panels({r, row_words + (r - rows.first) * panel_words},
                      {c, column_words + (c - first) * panel_words}, both,
                      row_seen + rows_in(c - columns.first + 1),
                      column_seen + rows_in(r - rows.first + 1));
        }
      }
    }
  }

  /// The pairs inside a block.
  void scan_within(PanelRange block) {
    const uint32_t* words = all.gallery_.words(block.first, block.last, row_room);
    for (int64_t r = block.first; r < block.last; ++r) {
      for (int64_t c = r; c < block.last; ++c) {
        scan_panels({r, words + (r - block.first) * panel_words},
                    {c, words + (c - block.first) * panel_words}, c > r,
                    rows_in(c - block.first + 1), rows_in(r - block.first + 1));
      }
    }
  }

  static int64_t rows_in(int64_t panels) { return panels * tile_columns(); }

  struct PanelWords {
    int64_t panel;
    const uint32_t* words;
  };

  void scan_panels(PanelWords r, PanelWords c, bool both, int64_t row_seen, int64_t column_seen) {
    const float* thresholds = all.lists_.scaled_thresholds();
    TileSide columns = tile_side(all.gallery_.panels, c.words, thresholds, c.panel, 0);
    if (!both) columns.threshold = nothing.data();
    const Panels& queries = all.queries_.panels;
    const int64_t first_column = rows_in(c.panel);
    const int64_t end = std::min<int64_t>(tile_columns(), queries.rows() - rows_in(r.panel));
    for (int64_t row = 0; row < end; row += tile_rows()) {
      scan_tile(queries.arithmetic(), tile_side(queries, r.words, thresholds, r.panel, row),
                columns, queries.words(), hits);
      const int64_t first_row = rows_in(r.panel) + row;
      for (int h = 0; h < hits.columns; ++h) {
        all.lists_.prefetch(first_column + hits.of_column(h).column);
      }
      for (int h = 0; h < hits.rows; ++h) {
        const Hit hit = hits.of_row(h);
        take(first_row + hit.row, first_column + hit.column, hit.product, row_seen);
      }
      for (int h = 0; h < hits.columns; ++h) {
        const Hit hit = hits.of_column(h);
        take(first_column + hit.column, first_row + hit.row, hit.product, column_seen);
      }
    }
  }

  void take(int64_t p, int64_t j, float product, int64_t seen) {
    if (all.eligible(p, j) && !all.lists_.push(p, j, product, seen)) spill(p);
  }

  /// Ranks the candidates of a row that is full of what the arithmetic cannot tell apart.
  void spill(int64_t p) {
    auto& spilled = all.spilled_[static_cast<size_t>(p)];
    const auto rows = all.rows_of(p);
    if (spilled.empty()) spilled.resize(rows.size(), BestRows(all.search_.params.k));
    const auto candidates = all.kinds_at(all.lists_.columns(p), kinds);
    for (size_t m = 0; m < rows.size(); ++m) ranking.rank(rows[m], candidates, spilled[m]);
    all.spilled_count_ += std::ssize(candidates);
    all.lists_.raise_threshold(p, all.in_units(spilled[0].cutoff(), p));
    all.lists_.clear(p);
  }

  CandidateSearch& all;
  ExactRanking ranking;
  int64_t panel_words;
  WordBuffer row_room;
  WordBuffer column_room;
  Hits hits;
  std::vector<float> nothing;  // thresholds of columns that want nothing
  std::vector<int32_t> kinds;
};

CandidateSearch::CandidateSearch(const NeighborSearch& search, const ResidualFrame& frame,
                                 const PackedRows& queries, std::span<const int32_t> rows,
                                 const PackedRows& gallery, std::span<const int32_t> kinds)
    : search_(search),
      frame_(frame),
      queries_(queries),
      gallery_(gallery),
      rows_(rows),
      kinds_(kinds),
      symmetric_(&queries == &gallery),
      block_panels_(block_panels(search.context, queries.panels.rows())),
      barred_(static_cast<size_t>(queries.panels.rows()), -1),
      spilled_(barred_.size()),
      lists_(queries.panels, gallery.panels, search.params.k) {
  const NeighborParams& params = search.params;
  std::vector<int32_t> place(static_cast<size_t>(search.kinds.size()));
  for (size_t j = 0; j < kinds.size(); ++j) {
    place[static_cast<size_t>(kinds[j])] = static_cast<int32_t>(j);
  }
  for (size_t p = 0; p < barred_.size(); ++p) {
    const auto row = static_cast<size_t>(rows_of(static_cast<int64_t>(p)).front());
    if (!params.query_group.empty()) query_group_.push_back(params.query_group[row]);
    const int32_t kind = search.barred_kind(static_cast<int64_t>(row));
    if (kind >= 0) barred_[p] = place[static_cast<size_t>(kind)];
  }
  if (params.gallery_group.empty()) return;
  for (const int32_t kind : kinds_) {
    const auto row = static_cast<size_t>(search.kinds.rows()[static_cast<size_t>(kind)]);
    gallery_group_.push_back(params.gallery_group[row]);
  }
}

double CandidateSearch::scan_first() {
  parallel_for(search_.context, blocks(), 1, [&](int64_t begin, int64_t end) {
    Scanner scanner(*this);
    for (int64_t b = begin; b < end; ++b) {
      if (symmetric_) {
        scanner.scan_within(block(b));
      } else {
        scanner.scan(block(b), {0, seed_panels()}, false, 0, 0);
      }
    }
  });
  seen_.assign(static_cast<size_t>(blocks()),
               Scanner::rows_in(symmetric_ ? block_panels_ : seed_panels()));
  std::atomic<int64_t> near_first = 0;
  std::atomic<int64_t> near_fourth = 0;
  parallel_for(search_.context, query_rows(), kBlockRows, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      lists_.compact(p, seen_[0]);
      if (p % kSampled != 0) continue;
      near_first += lists_.near_best(p, 1);
      near_fourth += lists_.near_best(p, 4);
    }
  });
  return expected_candidates(static_cast<double>(near_first), static_cast<double>(near_fourth));
}

double CandidateSearch::expected_candidates(double near_first, double near_fourth) const {
  const double seen = static_cast<double>(seen_[0]) / static_cast<double>(gallery_rows());
  const double sampled = static_cast<double>((query_rows() + kSampled - 1) / kSampled);
  const double spilled =
      static_cast<double>(spilled_count_) / static_cast<double>(query_rows()) / seen;
  if (near_first == 0) return spilled;
  // A power law of the rank: in a smooth tail as many are near as there are neighbours, in a tight
  // cluster all of it are, however few are wanted.
  const double rank = (search_.params.k + 1) * seen;
  const double power = std::clamp(std::log(near_fourth / near_first) / std::log(4.0), 0.0, 1.0);
  return near_first / sampled * std::pow(rank, power) / seen + spilled;
}

void CandidateSearch::scan_rest() {
  if (!symmetric_) {
    const PanelRange rest = {seed_panels(), panels_of(gallery_rows())};
    parallel_for(search_.context, blocks(), 1, [&](int64_t begin, int64_t end) {
      Scanner scanner(*this);
      for (int64_t b = begin; b < end; ++b) scanner.scan(block(b), rest, false, seen_[0], 0);
    });
    return;
  }
  PairQueue queue(circulant_pairs(blocks()), blocks());
  parallel_for(search_.context, threads_of(search_.context), 1, [&](int64_t, int64_t) {
    Scanner scanner(*this);
    while (const auto pair = queue.claim()) {
      int64_t& row_seen = seen_[static_cast<size_t>((*pair)->first)];
      int64_t& column_seen = seen_[static_cast<size_t>((*pair)->second)];
      const PanelRange rows = block((*pair)->first);
      const PanelRange columns = block((*pair)->second);
      scanner.scan(rows, columns, true, row_seen, column_seen);
      row_seen += Scanner::rows_in(columns.last - columns.first);
      column_seen += Scanner::rows_in(rows.last - rows.first);
    }
  });
}

std::vector<int32_t> CandidateSearch::rank(NeighborWork& work) {
  std::vector<int32_t> outcasts;
  for (int64_t j = 0; j < gallery_rows(); ++j) {
    if (!gallery_.panels.usable(j)) outcasts.push_back(kinds_[static_cast<size_t>(j)]);
  }
  const int64_t pieces =
      std::max(threads_of(search_.context), query_rows() / ChunkRanking::queries(search_) + 1);
  std::atomic<int64_t> candidates = 0;
  parallel_for(search_.context, query_rows(), (query_rows() + pieces - 1) / pieces,
               [&](int64_t begin, int64_t end) { candidates += rank(begin, end, outcasts); });
  work.candidates += candidates + spilled_count_;

  std::vector<int32_t> undecided;
  for (int64_t p = 0; p < query_rows(); ++p) {
    if (!lists_.given_up(p)) continue;
    for (const int32_t i : rows_of(p)) undecided.push_back(i);
  }
  return undecided;
}

int64_t CandidateSearch::rank(int64_t begin, int64_t end, std::span<const int32_t> outcasts) {
  std::vector<int32_t> queries;
  std::vector<int64_t> places;   // of the queries
  std::vector<BestRows*> begun;  // what was ranked of them before, or null
  for (int64_t p = begin; p < end; ++p) {
    if (lists_.given_up(p)) continue;
    lists_.compact(p, gallery_rows());
    auto& spilled = spilled_[static_cast<size_t>(p)];
    const auto rows = rows_of(p);
    for (size_t m = 0; m < rows.size(); ++m) {
      queries.push_back(rows[m]);
      places.push_back(p);
      begun.push_back(spilled.empty() ? nullptr : &spilled[m]);
    }
  }
  ChunkRanking ranking(search_);
  std::vector<int32_t> kinds;
  ranking.start(queries);
  int64_t candidates = 0;
  for (size_t q = 0; q < queries.size(); ++q) {
    if (begun[q] != nullptr) ranking.best(q) = std::move(*begun[q]);
    ranking.add(q, kinds_at(lists_.columns(places[q]), kinds));
    ranking.add(q, outcasts);
    candidates += std::ssize(kinds) + std::ssize(outcasts);
  }
  ranking.rank();
  for (size_t q = 0; q < queries.size(); ++q) {
    BestRows& best = ranking.best(q);
    const auto found = best.finish();
    const double worst = std::ssize(found) > search_.params.k ? found.back().merit : kNoMerit;
    if (lists_.proven(places[q], in_units(worst, places[q]))) {
      search_.write(queries[q], found, best.ties());
    } else {
      lists_.give_up(places[q]);
    }
  }
  return candidates;
}

int64_t CandidateSearch::seed_panels() const {
  return std::min(kBlockRows / tile_columns(), panels_of(gallery_rows()));
}

int64_t CandidateSearch::blocks() const {
  return (panels_of(query_rows()) + block_panels_ - 1) / block_panels_;
}

CandidateSearch::PanelRange CandidateSearch::block(int64_t b) const {
  return {b * block_panels_, std::min((b + 1) * block_panels_, panels_of(query_rows()))};
}

bool CandidateSearch::eligible(int64_t p, int64_t j) const {
  const auto at = static_cast<size_t>(p);
  return barred_[at] != j &&
         (query_group_.empty() || query_group_[at] != gallery_group_[static_cast<size_t>(j)]);
}

std::span<const int32_t> CandidateSearch::rows_of(int64_t p) const {
  const auto at = static_cast<size_t>(p);
  return symmetric_ ? search_.kinds.members(kinds_[at]) : rows_.subspan(at, 1);
}

std::span<const int32_t> CandidateSearch::kinds_at(std::span<const int32_t> places,
                                                   std::vector<int32_t>& kinds) const {
  kinds.resize(places.size());
  std::ranges::transform(places, kinds.begin(),
                         [&](int32_t j) { return kinds_[static_cast<size_t>(j)]; });
  return kinds;
}

double CandidateSearch::in_units(double merit, int64_t p) const {
  return frame_.in_units(merit) - queries_.panels.level[static_cast<size_t>(p)];
}

}  // namespace consilience::kernels::cpu
