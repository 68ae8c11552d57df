#include <cuda_fp16.h>

#include <cmath>

#include "kernels/cuda/matmul.h"
#include "tests/cuda_emulator/random.h"
#include "tests/cuda_emulator/tests/emulated.h"

/// The emulated cuBLASLt is as wrong as the project takes cuBLAS to be, and no more.
namespace consilience::cuda_emulator {
namespace {

using kernels::cuda::Arithmetic;
using kernels::cuda::RowProducts;

class Products : public Emulator, public ::testing::WithParamInterface<Arithmetic> {};

template <typename T>
std::vector<T> rows_of(const std::vector<float>& values) {
  std::vector<T> rows;
  for (const float value : values) rows.push_back(T(value));
  return rows;
}

/// The largest |error| / (g |a| |b|) of m x n products, and how many are beyond half of it.
template <typename T>
std::pair<double, double> shares(Arithmetic arithmetic, int64_t d) {
  const int64_t m = 17;
  const int64_t n = 13;
  Random random(static_cast<uint64_t>(d));
  std::vector<float> values(static_cast<size_t>((m + n) * d));
  for (float& value : values)
    value = static_cast<float>(static_cast<int>(random.below(2049)) - 1024) / 512;
  const std::vector<T> rows = rows_of<T>(values);
  const Stream stream;
  DeviceBuffer<T> device((m + n) * d);
  DeviceBuffer<float> y(m * 16);
  device.upload(rows, stream);
  RowProducts products(arithmetic, d);
  products.multiply(device.data(), m, device.data() + m * d, n, y.data(), 16, stream);
  const std::vector<float> found = y.download(m * 16, stream);
  double largest = 0;
  double beyond_half = 0;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0, a = 0, b = 0;
      for (int64_t f = 0; f < d; ++f) {
        const double x = values[static_cast<size_t>(i * d + f)];
        const double z = values[static_cast<size_t>((m + j) * d + f)];
        sum += x * z;
        a += x * x;
        b += z * z;
      }
      const double bound = kernels::cuda::product_error(arithmetic, d) * std::sqrt(a * b);
      const double share =
          std::fabs(static_cast<double>(found[static_cast<size_t>(i * 16 + j)]) - sum) / bound;
      largest = std::max(largest, share);
      if (share > 0.5) beyond_half += 1.0 / static_cast<double>(m * n);
    }
  }
  return {largest, beyond_half};
}

TEST_P(Products, AreOffByUpToTheBound) {
  for (const int64_t d : {8, 64, 1024, 2048, 4104}) {
    const auto [largest, beyond_half] = GetParam() == Arithmetic::f16
                                            ? shares<__half>(GetParam(), d)
                                            : shares<float>(GetParam(), d);
    EXPECT_LE(largest, 1.0) << d;
    EXPECT_GT(largest, d > 2048 ? 0.5 : 0.8) << d;
    EXPECT_GT(beyond_half, d > 2048 ? 0.1 : 0.5) << d;
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Products, ::testing::Values(Arithmetic::f16, Arithmetic::f32),
                         [](const auto& type) { return kernels::cuda::name_of(type.param); });

}  // namespace
}  // namespace consilience::cuda_emulator
