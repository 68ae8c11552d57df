#include "engine/metrics/kernel/sigma.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "engine/metrics/kernel/median_distance.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::optional<Sigma> read(std::string_view text) {
  Sigma sigma;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sigma.factor);
  if (error != std::errc{} || !(sigma.factor > 0) || !std::isfinite(sigma.factor)) return {};
  const std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  if (rest != " x median" && rest != " (absolute)") return {};
  sigma.of_median = rest == " x median";
  return sigma;
}

}  // namespace

bool is_sigma(std::string_view text) { return read(text).has_value(); }

Sigma parse_sigma(std::string_view text) {
  const auto sigma = read(text);
  expect(sigma.has_value(), "sigma '{}': expected '0.5 x median' or '1 (absolute)'", text);
  return *sigma;
}

double width_for(const kernels::Context& context, const Sigma& sigma, const LayerRows& rows) {
  return sigma.of_median ? sigma.factor * median_distance(context, rows) : sigma.factor;
}

}  // namespace consilience::engine
