#include <bit>
#include <functional>

#include "kernels/base/error.h"
#include "kernels/ops/condition.h"
#include "kernels/ops/hsic_tiles.h"
#include "tests/cuda_emulator/tests/emulated.h"
#include "tests/support/neighbor_lists.h"
#include "tests/support/overlap_layers.h"
#include "tests/support/random_pictures.h"
#include "tests/support/rank_columns.h"

/// Ops on devices that have too little memory: slower, or an error, never a wrong answer.
namespace consilience::testing {
namespace {

using kernels::Backend;
using kernels::Context;
using kernels::DevicePictures;
using kernels::PixelType;

const Context kReference = {Backend::reference, 1};
const Context kCuda = {Backend::cuda, 1};

class SmallDevice : public cuda_emulator::Emulator {
 protected:
  /// The smallest power of two of bytes that `op` does not find too small.
  static size_t least_memory(const std::function<void()>& op) {
    for (size_t bytes = 1024;; bytes *= 2) {
      cuda_emulator::set_memory(bytes);
      try {
        op();
        return bytes;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Failure::out_of_memory) << error.what();
      }
    }
  }
};

/// 400 x 64 floats are 100 KiB: the gallery comes in blocks, once for every block of queries.
TEST_F(SmallDevice, RanksOfAGalleryThatDoesNotFit) {
  const Features gallery = centred_l2_rows(normal_matrix(400, 64, 1), 2.0F);
  const Features queries = centred_l2_rows(normal_matrix(35, 64, 2), 2.0F);
  const auto self = self_rows(35);
  const auto columns = random_columns(35, 11, 400, 3);
  const auto expected =
      ranks(kReference, queries.view(), gallery.view(), {.self = self}, columns).values();
  const size_t least = least_memory([&] {
    EXPECT_EQ(ranks(kCuda, queries.view(), gallery.view(), {.self = self}, columns).values(),
              expected);
  });
  EXPECT_LT(least, size_t{400 * 64 * 4});
}

TEST_F(SmallDevice, Overlaps) {
  const Layers a(3, 200, 9, 1);
  const Layers b(40, 200, 9, 9);
  const auto expected = counts(kReference, a, b, 9, {}).values();
  EXPECT_GT(least_memory([&] { EXPECT_EQ(counts(kCuda, a, b, 9, {}).values(), expected); }), 1024U);
}

TEST_F(SmallDevice, SampleQuantiles) {
  const Matrix<float> x = normal_matrix(300, 40, 1);
  const std::vector<MatrixView<const float>> layers = {x.view(), x.view()};
  const double expected = kernels::mean_sample_quantile(kReference, layers, 0.3);
  EXPECT_GT(
      least_memory([&] { EXPECT_EQ(kernels::mean_sample_quantile(kCuda, layers, 0.3), expected); }),
      1024U);
}

TEST_F(SmallDevice, Tiles) {
  const Matrix<double> x(30, 5, 0.25);
  const std::vector<kernels::TileLayer> layers(6, {x.view(), x.view(), {}});
  const auto expected = kernels::hsic_tiles(kReference, layers, 3, false);
  EXPECT_GT(least_memory([&] {
              const auto found = kernels::hsic_tiles(kCuda, layers, 3, false);
              EXPECT_EQ(found.products.values(), expected.products.values());
              EXPECT_EQ(found.column_sums.values(), expected.column_sums.values());
            }),
            size_t{6 * 30 * 30 * 8});
}

/// Too little for one batch leaves nothing queued, and the next one that fits is right.
TEST_F(SmallDevice, Pictures) {
  const RandomPictures large({{200, 150}, {150, 200}});
  const RandomPictures small({{9, 12}});
  const auto recipe = picture_recipe(8, 7, {kernels::Filter::bicubic});
  cuda_emulator::set_memory(20'000);
  DevicePictures pictures(0, recipe);
  const cuda_emulator::Stream stream;
  const cuda_emulator::DeviceBuffer<float> out(2 * 3 * 7 * 7);
  try {
    pictures.prepare(large.views, out.data(), stream.get());
    ADD_FAILURE() << "180 kB of pictures in 20 kB";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::out_of_memory);
  }
  pictures.prepare(small.views, out.data(), stream.get());
  std::vector<float> expected(3 * 7 * 7);
  kernels::prepare_pictures(kReference, small.views, recipe, expected);
  EXPECT_EQ(out.download(3 * 7 * 7, stream), expected);
}

float widened(uint16_t bits, PixelType type) {
  if (type == PixelType::bf16) return std::bit_cast<float>(uint32_t{bits} << 16);
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  const double value =
      exponent == 0 ? fraction * 0x1p-24 : (1024 + fraction) * std::ldexp(1.0, exponent - 25);
  return static_cast<float>(bits >> 15 != 0 ? -value : value);
}

/// Many batches, two under way: rounded to the nearest of the values that the type has.
TEST(DevicePictures, NarrowValues) {
  const RandomPictures some({{30, 20}, {30, 20}, {30, 20}, {30, 20}});
  const auto recipe = picture_recipe(16, 15, {kernels::Filter::bilinear});
  constexpr int64_t kValues = 3 * 15 * 15;
  for (const PixelType type : {PixelType::f16, PixelType::bf16}) {
    DevicePictures pictures(0, recipe, type);
    const cuda_emulator::Stream stream;
    const cuda_emulator::DeviceBuffer<uint16_t> out(4 * kValues);
    for (int64_t p = 0; p < 4; ++p)
      pictures.prepare({&some.views[static_cast<size_t>(p)], 1}, out.data() + p * kValues,
                       stream.get());
    const auto found = out.download(4 * kValues, stream);
    std::vector<float> expected(found.size());
    kernels::prepare_pictures(kReference, some.views, recipe, expected);
    for (size_t v = 0; v < found.size(); ++v) {
      const double gap = std::fabs(widened(found[v], type) - expected[v]);
      const auto beside = [&](int step) {
        return widened(static_cast<uint16_t>(found[v] + step), type);
      };
      ASSERT_LE(gap, std::fabs(beside(1) - expected[v])) << v;
      ASSERT_LE(gap, std::fabs(beside(-1) - expected[v])) << v;
    }
  }
}

}  // namespace
}  // namespace consilience::testing
