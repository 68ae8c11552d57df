#include "engine/metrics/rdm/pair_vectors.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace consilience::engine {
namespace {

constexpr int kBits = 40;             // 12 digits
constexpr double kSameRow = 0x1p-86;  // rounding of equal rows, as a share of the largest square
/// Below this share of their energy the deviations of entries are rounding.
constexpr double kNothingLeft = 1e-24;

double energy(std::span<const double> values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return sum;
}

bool all_equal(std::span<const double> values) {
  return std::ranges::all_of(values, [&](double v) { return v == values[0]; });
}

}  // namespace

std::vector<double> with_ties(std::span<const double> squares) {
  std::vector<double> rounded(squares.size());
  const double nothing = squares.empty() ? 0 : kSameRow * std::ranges::max(squares);
  std::ranges::transform(squares, rounded.begin(), [&](double square) {
    int exponent = 0;
    const double digits = std::frexp(square, &exponent);
    return square <= nothing ? 0
                             : std::ldexp(std::round(std::ldexp(digits, kBits)), exponent - kBits);
  });
  return rounded;
}

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::pair<double, int32_t>>
      order;  // together: a sort by index alone would jump about
  order.reserve(values.size());
  for (const double v : values) order.emplace_back(v, static_cast<int32_t>(order.size()));
  std::ranges::sort(order);
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && order[end].first == order[begin].first) ++end;
    const double mean = (static_cast<double>(begin + 1) + static_cast<double>(end)) / 2;
    for (; begin < end; ++begin) ranks[static_cast<size_t>(order[begin].second)] = mean;
  }
  return ranks;
}

std::string make_comparable(Comparison comparison, std::span<double> entries) {
  const double first = entries[0];
  const auto refuse = [&] { return fmt::format("all dissimilarities are equal ({:.3g})", first); };
  if (comparison == Comparison::kendall || comparison == Comparison::spearman) {
    const std::vector<double> tied = with_ties(entries);
    if (all_equal(tied)) return refuse();
    std::ranges::copy(comparison == Comparison::kendall ? tied : average_ranks(tied),
                      entries.begin());
    if (comparison == Comparison::kendall) return "";
  }
  const double before = energy(entries);
  if (comparison != Comparison::cosine) {
    const double mean =
        std::accumulate(entries.begin(), entries.end(), 0.0) / static_cast<double>(entries.size());
    for (double& entry : entries) entry -= mean;
  }
  const double left = energy(entries);
  if (!(left > kNothingLeft * before)) return refuse();
  const double norm = std::sqrt(left);
  for (double& entry : entries) entry /= norm;
  return "";
}

}  // namespace consilience::engine
