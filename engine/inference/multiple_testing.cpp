#include "engine/inference/multiple_testing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kSameT = 1e-9;  // values that differ by rounding alone count as equal

/// [1 + permutations] t of the observed value and of each relabelling; larger is closer. Empty
/// where there is a NaN.
std::vector<double> studentise(const FamilyMember& member) {
  std::vector<double> t = {member.value};
  t.insert(t.end(), member.null.begin(), member.null.end());
  if (std::ranges::any_of(t, [](double x) { return std::isnan(x); })) return {};
  const auto count = static_cast<double>(t.size());
  const double mean = std::accumulate(t.begin(), t.end(), 0.0) / count;
  double squares = 0;
  for (const double x : t) squares += (x - mean) * (x - mean);
  const double sd = std::sqrt(squares / (count - 1));
  const double sign = member.larger_is_closer ? 1 : -1;
  const bool constant = sd <= 1e-12 * std::abs(mean);
  for (double& x : t) x = constant ? 0 : sign * (x - mean) / sd;
  return t;
}

}  // namespace

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::ranges::sort(order, [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size(), kNan);
  const auto tests = static_cast<double>(order.size());
  double smallest = 1;
  for (size_t rank = order.size(); rank > 0; --rank) {
    const size_t i = order[rank - 1];
    smallest = std::min(smallest, p[i] * tests / static_cast<double>(rank));
    adjusted[i] = smallest;
  }
  return adjusted;
}

std::vector<double> family_wise_p(std::span<const FamilyMember> members) {
  std::vector<double> result(members.size(), kNan);
  if (members.empty()) return result;
  const size_t permutations = members.front().null.size();
  expect(permutations > 0, "family-wise p needs permutations; there are none");
  std::vector<std::vector<double>> t;
  std::vector<double> largest(1 + permutations, -std::numeric_limits<double>::infinity());
  for (const FamilyMember& member : members) {
    expect(member.null.size() == permutations,
           "family-wise p needs the same relabellings for all pairs: one has {}, another {}",
           permutations, member.null.size());
    t.push_back(studentise(member));
    for (size_t i = 0; i < t.back().size(); ++i) largest[i] = std::max(largest[i], t.back()[i]);
  }
  for (size_t m = 0; m < members.size(); ++m) {
    if (t[m].empty()) continue;
    const double observed = t[m].front() - kSameT;
    const auto reached = std::ranges::count_if(largest.begin() + 1, largest.end(),
                                               [&](double x) { return x >= observed; });
    result[m] = static_cast<double>(1 + reached) / static_cast<double>(1 + permutations);
  }
  return result;
}

}  // namespace consilience::engine
