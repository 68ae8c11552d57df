#include "kernels/ops/rank_of.h"

#include <fmt/format.h>

#include "kernels/base/philox.h"
#include "tools/bench/cuda/checked.h"
#include "tools/bench/made_rows.h"

namespace consilience::bench {
namespace {

void rank(benchmark::State& state, int64_t q, int64_t n, int64_t d, int64_t m) {
  const Matrix<float> gallery = make_rows(kCpu, "isotropic", n, d, 1);
  const Matrix<float> queries = make_rows(kCpu, "isotropic", q, d, 2);
  Matrix<int32_t> columns(q, m);
  for (int64_t i = 0; i < q; ++i) {
    for (int64_t c = 0; c < m; ++c) {
      const auto words = kernels::philox4x32(
          {static_cast<uint32_t>(i), static_cast<uint32_t>(c), 105, 0}, /*key=*/1);
      columns(i, c) = static_cast<int32_t>(words[0] % n);
    }
  }
  time_checked(state, [&](const kernels::Context& context) {
    Matrix<int32_t> ranks(q, m);
    kernels::rank_of(context, {.x = queries.view(), .mean = {}, .scale = {}},
                     {.x = gallery.view(), .mean = {}, .scale = {}}, {},
                     std::as_const(columns).view(), ranks.view());
    return std::vector<int32_t>(ranks.values().begin(), ranks.values().end());
  });
  state.counters["TFLOP/s"] = a_second(2e-12 * static_cast<double>(q * n * d));
}

}  // namespace

void add_rank_of(Scale scale) {
  const bool full = scale == Scale::full;
  const int64_t q = full ? 1000 : 20, n = full ? 10'000 : 130, d = full ? 768 : 24;
  for (const int64_t m : full ? std::vector<int64_t>{1, 40, 600} : std::vector<int64_t>{1, 5}) {
    add(fmt::format("rank_of/q:{}/n:{}/d:{}/m:{}", q, n, d, m),
        [=](benchmark::State& state) { rank(state, q, n, d, m); });
  }
}

}  // namespace consilience::bench
