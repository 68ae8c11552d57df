#include "tools/cli/bench_search.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/base/cancel.h"
#include "kernels/base/error.h"

namespace consilience::cli {
namespace {

constexpr float kNoClamp = std::numeric_limits<float>::infinity();

template <typename T>
bool same_bits(std::span<const T> a, std::span<const T> b) {
  return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

rusage usage() {
  rusage now{};
  getrusage(RUSAGE_SELF, &now);
  return now;
}

double cpu_seconds(const rusage& u) {
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(u.ru_utime) + seconds(u.ru_stime);
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
  const rusage before = usage();
  const auto start = std::chrono::steady_clock::now();
  const kernels::NeighborWork work = search();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  const rusage after = usage();
  return {wall.count(), cpu_seconds(after) - cpu_seconds(before),
          after.ru_minflt - before.ru_minflt, work};
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

int64_t resident_bytes() {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

int64_t peak_resident_bytes() { return int64_t{usage().ru_maxrss} * 1024; }

}  // namespace consilience::cli
