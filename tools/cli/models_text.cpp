#include "tools/cli/models_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace consilience::cli {
namespace {

using models::ModelCard;

std::string per_channel(const std::array<double, 3>& values) {
  if (values[0] == values[1] && values[1] == values[2]) return fmt::format("{:.4g}", values[0]);
  return fmt::format("({:.4g}, {:.4g}, {:.4g})", values[0], values[1], values[2]);
}

std::string pixels_text(const models::PixelRecipe& p) {
  const std::string size = p.resize == "square"
                               ? fmt::format("to {0} x {0}, whatever the shape", p.resize_to)
                               : fmt::format("so that the short side is {}", p.resize_to);
  return fmt::format(
      "resized {} ({}, {}); the {} x {} in the middle ({} offsets); RGB, (x / 255 - {}) / {}; EXIF "
      "orientation {}; transparency {}",
      size, p.interpolation, p.implementation, p.crop, p.crop,
      p.crop_offset == "round" ? "rounded" : "floored", per_channel(p.mean), per_channel(p.std),
      p.exif == "ignore" ? "ignored" : "applied", p.alpha == "white" ? "over white" : "dropped");
}

std::string tokens_text(const ModelCard& card) {
  const models::TokenRecipe& t = *card.tokens;
  std::string out = fmt::format(
      "at most {} tokens, special ones included; what is longer is cut there and counted. A text x "
      "is read as \"{}\"; padding on the {} with id {}",
      t.max_tokens, card.identity.at("tokens").value("special_tokens", "x"), t.padding_side,
      t.padding_id);
  if (t.vocabulary > 0) out += fmt::format("; vocabulary {}", t.vocabulary);
  return out;
}

std::string audio_text(const models::AudioRecipe& a) {
  return fmt::format("mono at {} Hz (resampled by {}), {} samples to {:.4g} s; {}", a.sample_rate,
                     a.implementation, a.min_samples,
                     static_cast<double>(a.max_samples) / a.sample_rate,
                     a.normalise == "unit" ? "mean 0 and variance 1" : "samples as they are");
}

std::string endpoint_text(const ModelCard& card) {
  const auto& endpoint = card.identity.at("endpoint");
  const std::string model = endpoint.value("model", "");
  return fmt::format("sent to {} ({} interface{}), whose answers are kept in the store",
                     endpoint.value("url", ""), endpoint.value("api", ""),
                     model.empty() ? "" : ", model " + model);
}

}  // namespace

std::string parameters_text(double count) {
  if (count <= 0) return "-";
  if (count < 1e3) return fmt::format("{:.0f}", count);
  if (count < 1e6) return fmt::format("{:.3g} k", count / 1e3);
  if (count < 1e9) return fmt::format("{:.{}f} M", count / 1e6, count < 1e8 ? 1 : 0);
  return fmt::format("{:.{}f} B", count / 1e9, count < 1e10 ? 2 : 1);
}

std::string weights_text(const ModelCard& card) {
  if (card.endpoint) return "service";
  if (card.role == models::Role::trivial) return "trivial";
  if (card.role == models::Role::trained) return "trained";
  const auto& weights = card.identity.at("weights");
  return weights.contains("seed") ? fmt::format("random {}", weights.at("seed").dump()) : "random";
}

std::string dtype_text(const ModelCard& card) {
  if (card.endpoint) return "-";
  const std::string from = engine::dequantised_from(card);
  return from.empty() ? card.dtype : fmt::format("{} < {}", card.dtype, from);
}

std::string layers_text(const ModelCard& card) {
  const auto [least, most] =
      std::minmax_element(card.layers.begin(), card.layers.end(),
                          [](const auto& a, const auto& b) { return a.width < b.width; });
  return least->width == most->width
             ? fmt::format("{} x {}", card.layers.size(), most->width)
             : fmt::format("{} x {}-{}", card.layers.size(), least->width, most->width);
}

std::string about_text(const ModelCard& card, const std::string& key) {
  const auto found = card.about.find(key);
  return found != card.about.end() && found->is_string() ? found->get<std::string>() : "";
}

double about_number(const ModelCard& card, const std::string& key) {
  const auto found = card.numbers.find(key);
  return found == card.numbers.end() ? 0 : found->second;
}

std::string recipe_text(const ModelCard& card) {
  if (card.pixels) return pixels_text(*card.pixels);
  if (card.tokens) return tokens_text(card);
  if (card.audio) return audio_text(*card.audio);
  return endpoint_text(card);
}

}  // namespace consilience::cli
