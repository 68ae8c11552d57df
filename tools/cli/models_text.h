#pragma once
#include <string>

#include "engine/zoo.h"

namespace consilience::cli {

/// "22.7 M", "1.24 B"; "-" for 0.
[[nodiscard]] std::string parameters_text(double count);
/// "trained", "random 1", "trivial", "service".
[[nodiscard]] std::string weights_text(const models::ModelCard& card);
/// "f32", "bf16", and where they are dequantised "f32 < Q4_1".
[[nodiscard]] std::string dtype_text(const models::ModelCard& card);
/// "13 x 384", or "18 x 16-1280" where widths differ.
[[nodiscard]] std::string layers_text(const models::ModelCard& card);
/// A text of "about", "" where it is absent.
[[nodiscard]] std::string about_text(const models::ModelCard& card, const std::string& key);
[[nodiscard]] double about_number(const models::ModelCard& card, const std::string& key);

/// How pictures, texts or recordings become inputs, in words.
[[nodiscard]] std::string recipe_text(const models::ModelCard& card);

}  // namespace consilience::cli
