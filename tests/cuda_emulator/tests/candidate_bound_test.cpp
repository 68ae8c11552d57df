#include <iostream>
#include <numeric>

#include "kernels/cuda/packed_rows.h"
#include "tests/cuda_emulator/tests/emulated.h"
#include "tests/support/exact_score.h"
#include "tests/support/hard_matrices.h"
#include "tests/support/neighbor_lists.h"

/// The bound E of docs/numerics.md for the products of a device, attacked; the emulated ones are
/// off by all that they may be.
namespace consilience::testing {
namespace {

using kernels::Conditioned;
using kernels::ResidualFrame;
using kernels::Similarity;
using kernels::cuda::Arithmetic;
using namespace cuda_emulator;

const kernels::Context kContext = {kernels::Backend::cuda, 1};

/// |t - exact| / E of every pair that a product can hold, the largest: above 1 the bound is broken.
double largest_error_ratio(const Conditioned& side, Similarity similarity, Arithmetic arithmetic) {
  const int64_t n = side.x.rows();
  const int64_t d = side.x.cols();
  std::vector<int32_t> rows(static_cast<size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  const ResidualFrame frame(side, rows, similarity);
  const Stream stream;
  kernels::cuda::FeatureRows features(kContext, side, n);
  features.upload(rows, stream);
  kernels::cuda::PackedRows packed(arithmetic, n, frame, d);
  packed.pack(features, stream);
  packed.set_errors(packed.largest_norms(stream), stream);
  kernels::cuda::RowProducts products(arithmetic, kernels::cuda::padded_features(d));
  const DeviceBuffer<float> y(n * n);
  products.multiply(packed.row(0), n, packed.row(0), n, y.data(), n, stream);
  const auto product = y.download(n * n, stream);
  const auto column = [&](const float* values) {
    std::vector<float> host(rows.size());
    CUDA_CHECK(cudaMemcpyAsync(host.data(), values, host.size() * sizeof(float),
                               cudaMemcpyDeviceToHost, stream.get()));
    stream.synchronize();
    return host;
  };
  const auto bounds = packed.bounds();
  const auto scale = column(bounds.scale);
  const auto offset = column(bounds.offset);
  const auto slack = column(bounds.slack);
  const auto own = column(bounds.own);
  const auto error = column(bounds.error);
  const auto level = packed.levels(stream);
  double worst = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < rows.size(); ++j) {
      if (offset[i] == kernels::kFilled || offset[j] == kernels::kFilled) continue;
      const double q = double{scale[i]} * scale[j];
      const double doubt = double{slack[j]} / 2;
      const double middle = product[i * rows.size() + j] * q + offset[j] - doubt;
      const double bound = q * (double{error[i]} + error[j]) + doubt + double{own[i]} / 2;
      const double units =
          exact_score(side, similarity, rows[i], rows[j]) * frame.score_unit() - level[i];
      worst = std::max(worst, std::fabs(units - middle) / bound);
    }
  }
  return worst;
}

class DeviceBound : public ::testing::TestWithParam<std::tuple<Arithmetic, Similarity>> {};

TEST_P(DeviceBound, HoldsOnHardRows) {
  const auto [arithmetic, similarity] = GetParam();
  double worst = 0;
  for (const HardCase& hard : hard_cases()) {
    for (const int64_t d : {1, 16, 130, 700}) {
      const Features features = {.x = hard.make(40, d), .mean = {}, .scale = {}};
      const double ratio = largest_error_ratio(features.view(), similarity, arithmetic);
      EXPECT_LE(ratio, 1.0) << hard.name << ", d = " << d;
      worst = std::max(worst, ratio);
    }
  }
  EXPECT_GT(worst, 0.1) << "an attack that finds nothing";
  std::cout << "largest |approximate - exact| / E = " << worst << "\n";
}

TEST_P(DeviceBound, HoldsBeyondOneChunkOfFeatures) {
  const auto [arithmetic, similarity] = GetParam();
  const Features features = {.x = normal_matrix(12, 5000, 1), .mean = {}, .scale = {}};
  EXPECT_LE(largest_error_ratio(features.view(), similarity, arithmetic), 1.0);
}

/// One feature of one row at a time is changed, and the change kept where the error comes nearer to
/// the bound.
TEST_P(DeviceBound, HoldsUnderCoordinateAscent) {
  const auto [arithmetic, similarity] = GetParam();
  double worst = 0;
  for (const int64_t d : {1, 5, 33}) {
    Matrix<float> x = normal_matrix(4, d, 70 + static_cast<uint64_t>(d));
    Draws draws(static_cast<uint64_t>(d));
    double best = 0;
    for (int step = 0; step < 150; ++step) {
      float& value = x(draws.below(4), draws.below(d));
      const float before = value;
      const int kind = draws.below(3);
      if (kind == 0) value = static_cast<float>(before * (1 + 0.01 * draws.normal()));
      if (kind == 1) value = static_cast<float>(before * std::exp(draws.normal()));
      if (kind == 2) value = static_cast<float>(draws.normal());
      const Features features = {.x = x, .mean = {}, .scale = {}};
      const double now = largest_error_ratio(features.view(), similarity, arithmetic);
      if (now > best) {
        best = now;
      } else {
        value = before;
      }
    }
    worst = std::max(worst, best);
  }
  std::cout << "largest |approximate - exact| / E = " << worst << "\n";
  EXPECT_LE(worst, 1.0);
  EXPECT_GT(worst, 0.1);
}

std::string name_of_case(const ::testing::TestParamInfo<std::tuple<Arithmetic, Similarity>>& info) {
  const auto [arithmetic, similarity] = info.param;
  return std::string(kernels::cuda::name_of(arithmetic)) +
         (similarity == Similarity::dot ? "_dot" : "_euclidean");
}

INSTANTIATE_TEST_SUITE_P(Products, DeviceBound,
                         ::testing::Combine(::testing::Values(Arithmetic::f16, Arithmetic::f32),
                                            ::testing::Values(Similarity::dot,
                                                              Similarity::euclidean)),
                         name_of_case);

}  // namespace
}  // namespace consilience::testing
