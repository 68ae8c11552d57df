#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "kernels/ops/resize.h"
#include "tests/support/source_dir.h"

/// Pictures that Pillow and torch resized.
namespace consilience::testing {

/// One record of resize-*.bin; see make_resize_golden.py.
struct GoldenPicture {
  int32_t width, height, new_width, new_height, filter, seed;
  std::vector<uint8_t> resized;
};

inline std::vector<GoldenPicture> golden_pictures(const std::string& maker) {
  std::ifstream file(source_dir() + "/tests/golden/data/resize-" + maker + ".bin",
                     std::ios::binary);
  std::vector<GoldenPicture> all;
  int32_t head[6];
  while (file.read(reinterpret_cast<char*>(head), sizeof head)) {
    GoldenPicture golden = {head[0], head[1], head[2], head[3], head[4], head[5], {}};
    golden.resized.resize(static_cast<size_t>(3 * golden.new_width * golden.new_height));
    file.read(reinterpret_cast<char*>(golden.resized.data()), std::ssize(golden.resized));
    all.push_back(std::move(golden));
  }
  return all;
}

inline std::vector<uint8_t> unresized(const GoldenPicture& golden) {
  std::vector<uint8_t> bytes;
  for (int y = 0; y < golden.height; ++y) {
    for (int x = 0; x < golden.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        uint32_t h = (static_cast<uint32_t>(bytes.size()) +
                      static_cast<uint32_t>(golden.seed) * 0x9E3779B9U) *
                     0x85EBCA6BU;
        h = (h ^ (h >> 13)) * 0xC2B2AE35U;
        const bool white = (x / 3 + y / 3) % 2 == 0;
        const auto noise = static_cast<uint8_t>(h >> 24);
        bytes.push_back(x < golden.width / 2 ? noise : static_cast<uint8_t>(white ? 255 : 0));
      }
    }
  }
  return bytes;
}

inline void expect_golden_pictures(kernels::Backend backend,
                                   kernels::Implementation implementation) {
  const bool torch = implementation == kernels::Implementation::torch_uint8_aa;
  const std::vector<GoldenPicture> all = golden_pictures(torch ? "torch" : "pillow");
  ASSERT_EQ(all.size(), 34U);
  for (const GoldenPicture& golden : all) {
    const std::vector<uint8_t> in = unresized(golden);
    std::vector<uint8_t> out(golden.resized.size());
    kernels::resize(
        {backend, 1}, {in.data(), golden.width, golden.height},
        {golden.filter == 0 ? kernels::Filter::bilinear : kernels::Filter::bicubic, implementation},
        {out.data(), golden.new_width, golden.new_height});
    EXPECT_EQ(out, golden.resized)
        << golden.width << " x " << golden.height << " to " << golden.new_width << " x "
        << golden.new_height << ", filter " << golden.filter << (torch ? ", torch" : ", Pillow");
  }
}

}  // namespace consilience::testing
