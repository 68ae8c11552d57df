#include <fmt/format.h>

#include <limits>

#include "kernels/ops/condition.h"
#include "tools/bench/cuda/checked.h"
#include "tools/bench/made_rows.h"

namespace consilience::bench {
namespace {

constexpr float kNoClamp = std::numeric_limits<float>::infinity();

using Op = void (*)(benchmark::State&, const Matrix<float>&);

void finite(benchmark::State& state, const Matrix<float>& x) {
  time_checked(state, [&](const kernels::Context& context) {
    kernels::check_finite(context, x.view(), "rows");
    return 1;
  });
}
void quantile(benchmark::State& state, const Matrix<float>& x) {
  const MatrixView<const float> layers[] = {x.view()};
  time_checked(state, [&](const kernels::Context& context) {
    return kernels::abs_quantile(context, layers, 0.95);
  });
}
void sample_quantile(benchmark::State& state, const Matrix<float>& x) {
  const MatrixView<const float> layers[] = {x.view()};
  time_checked(state, [&](const kernels::Context& context) {
    return kernels::mean_sample_quantile(context, layers, 0.95);
  });
}
void mean(benchmark::State& state, const Matrix<float>& x) {
  time_checked(state, [&](const kernels::Context& context) {
    return kernels::column_mean(context, x.view(), kNoClamp);
  });
}
void scales(benchmark::State& state, const Matrix<float>& x) {
  time_checked(state, [&](const kernels::Context& context) {
    return kernels::row_scales(context, x.view(), kNoClamp, {});
  });
}

}  // namespace

void add_condition(Scale scale) {
  const int64_t n = scale == Scale::full ? 100'000 : 130;
  const int64_t d = scale == Scale::full ? 768 : 37;
  const std::pair<const char*, Op> ops[] = {{"check_finite", finite},
                                            {"abs_quantile", quantile},
                                            {"mean_sample_quantile", sample_quantile},
                                            {"column_mean", mean},
                                            {"row_scales", scales}};
  for (const auto& [name, op] : ops) {
    add(fmt::format("{}/n:{}/d:{}", name, n, d), [=, op = op](benchmark::State& state) {
      const Matrix<float> x = make_rows(kCpu, "isotropic", n, d, 1);
      op(state, x);
      state.counters["GB/s"] = a_second(4e-9 * static_cast<double>(n * d));
    });
  }
}

}  // namespace consilience::bench
