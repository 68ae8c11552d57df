#pragma once
#include <string_view>

#include "engine/metrics/kernel/layer_rows.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// Width of a Gaussian kernel: a multiple of the median distance of each side, or a number that
/// both sides share.
struct Sigma {
  double factor = 0.5;
  bool of_median = true;
};

/// "0.5 x median" or "1 (absolute)", with a positive number.
[[nodiscard]] bool is_sigma(std::string_view text);
[[nodiscard]] Sigma parse_sigma(std::string_view text);

/// The width for one layer of centred rows; 0 where the median distance is 0.
[[nodiscard]] double width_for(const kernels::Context& context, const Sigma& sigma,
                               const LayerRows& rows);

}  // namespace consilience::engine
