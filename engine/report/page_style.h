#pragma once
#include <string_view>

namespace consilience::engine {

/// Steps of the heat scale: classes h0 (low) .. h13 (high); hx is undefined.
inline constexpr int kHeatSteps = 14;
/// Colours for lines: classes s0 .. s5.
inline constexpr int kSeriesColours = 6;

/// The page's style sheet: light, dark and print.
[[nodiscard]] std::string_view page_style();
/// Reads out the cell under the pointer in the layer maps. The page is complete without it.
[[nodiscard]] std::string_view page_script();

}  // namespace consilience::engine
