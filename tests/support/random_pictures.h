#pragma once
#include <utility>
#include <vector>

#include "kernels/ops/prepare_pictures.h"
#include "tests/support/random_matrix.h"

namespace consilience::testing {

/// Random bytes of these widths and heights.
struct RandomPictures {
  explicit RandomPictures(const std::vector<std::pair<int, int>>& sizes) {
    Draws draws(11);
    for (const auto& [width, height] : sizes) {
      std::vector<uint8_t> bytes(static_cast<size_t>(3 * width * height));
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(draws.below(256));
      rgb.push_back(std::move(bytes));
      views.push_back({rgb.back().data(), width, height});
    }
  }
  std::vector<std::vector<uint8_t>> rgb;
  std::vector<kernels::ConstPicture> views;
};

inline std::vector<kernels::Resampling> every_resampling() {
  using kernels::Filter;
  using kernels::Implementation;
  return {{Filter::bilinear, Implementation::pil_exact},
          {Filter::bicubic, Implementation::pil_exact},
          {Filter::bilinear, Implementation::torch_uint8_aa},
          {Filter::bicubic, Implementation::torch_uint8_aa}};
}

inline kernels::PictureRecipe picture_recipe(int side, int crop, kernels::Resampling resampling) {
  return {.side = side,
          .crop = crop,
          .resampling = resampling,
          .mean = {0.485F, 0.456F, 0.406F},
          .std = {0.229F, 0.224F, 0.225F}};
}

}  // namespace consilience::testing
