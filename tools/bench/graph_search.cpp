#include "tools/bench/graph_search.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/base/cancel.h"
#include "engine/base/usage.h"
#include "kernels/base/error.h"
#include "kernels/base/philox.h"

namespace consilience::bench {
namespace {

constexpr float kNoClamp = std::numeric_limits<float>::infinity();

template <typename T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

int64_t page_faults() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return now.ru_minflt;
}

}  // namespace

GraphSearch::Lists::Lists(int64_t q, int k)
    : index(q, k), score(q, k), next_score(static_cast<size_t>(q)), ties(next_score.size()) {}

kernels::NeighborLists GraphSearch::Lists::out() {
  return {index.view(), score.view(), next_score, ties};
}

GraphSearch::GraphSearch(const kernels::Context& context, const Matrix<float>& rows, int k,
                         bool cosine, kernels::Similarity similarity)
    : context_(context),
      rows_(rows),
      cosine_(cosine),
      self_(static_cast<size_t>(rows.rows())),
      lists_(rows.rows(), k) {
  std::iota(self_.begin(), self_.end(), 0);
  params_.k = k;
  params_.similarity = similarity;
  params_.self = self_;
}

kernels::Conditioned GraphSearch::conditioned() const {
  return {.x = rows_.view(), .clamp = kNoClamp, .mean = {}, .scale = scales_};
}

kernels::NeighborWork GraphSearch::search() {
  if (cosine_) scales_ = kernels::row_scales(context_, rows_.view(), kNoClamp, {});
  const kernels::Conditioned side = conditioned();
  return kernels::neighbors(context_, side, side, params_, lists_.out());
}

TimedSearch GraphSearch::run_timed() {
  const int64_t faults = page_faults();
  const double cpu = engine::cpu_seconds();
  const double start = engine::wall_seconds();
  const kernels::NeighborWork work = search();
  return {engine::wall_seconds() - start, engine::cpu_seconds() - cpu, page_faults() - faults,
          work};
}

void GraphSearch::check(const std::set<int64_t>& sample) const {
  kernels::Context reference = context_;
  reference.backend = kernels::Backend::reference;
  Lists expected(1, params_.k);
  for (const int64_t i : sample) {
    engine::throw_if_cancelled();
    const auto at = static_cast<size_t>(i);
    kernels::Conditioned query = conditioned();
    query.x = query.x.slice(i, i + 1);
    if (cosine_) query.scale = query.scale.subspan(at, 1);
    kernels::NeighborParams params = params_;
    params.self = params.self.subspan(at, 1);
    kernels::neighbors(reference, query, conditioned(), params, expected.out());
    const auto next = std::span(lists_.next_score).subspan(at, 1);
    const auto ties = std::span(lists_.ties).subspan(at, 1);
    expect(same_bits(lists_.index.row(i), std::as_const(expected.index).row(0)) &&
               same_bits(lists_.score.row(i), std::as_const(expected.score).row(0)) &&
               same_bits(next, std::span<const double>(expected.next_score)) &&
               same_bits(ties, std::span<const int32_t>(expected.ties)),
           "the list of row {} is not the reference's, so no time is given", i);
  }
}

ProductsAlone GraphSearch::products_alone(std::string_view arithmetic, int rounds) {
  return bench::products_alone(context_, conditioned(), params_, lists_.out(), arithmetic, rounds);
}

double GraphSearch::upload_seconds(int rounds) const {
  return bench::upload_seconds(context_, conditioned(), rounds);
}

std::set<int64_t> sampled_rows(int64_t count, int64_t n, uint64_t seed) {
  std::set<int64_t> rows;
  for (uint32_t i = 0; std::ssize(rows) < std::min(count, n); ++i)
    rows.insert(static_cast<int64_t>(kernels::draw(seed, i, 0, kernels::Purpose::split, 0) %
                                     static_cast<uint64_t>(n)));
  return rows;
}

int64_t resident_bytes() {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

}  // namespace consilience::bench
