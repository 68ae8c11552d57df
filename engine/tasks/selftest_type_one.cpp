#include <algorithm>
#include <array>
#include <cmath>

#include "engine/inference/multiple_testing.h"
#include "engine/inference/paired_comparison.h"
#include "engine/inference/pearson_three.h"
#include "engine/inference/permutation_null.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/neighbours/permutation_moments.h"
#include "engine/metrics/score_pair.h"
#include "engine/tasks/selftest.h"
#include "engine/tasks/selftest_laws.h"
#include "engine/tasks/selftest_model.h"
#include "kernels/base/error.h"
#include "kernels/base/parallel.h"

namespace consilience::engine::selftest {
namespace {

const kernels::Context kOneThread{kernels::Backend::cpu, 1};
constexpr double kLevel = 0.05;
constexpr int kPermutations = 399;  // 0.05 / 4 of 400 is a whole number, for Benjamini-Hochberg
constexpr int kFewPermutations = 99;
constexpr int kSplits = 100;
constexpr int32_t kClasses = 4;

enum Test { single, tail, maximum, cka, within_class, adjusted, family, paired, kTests };
constexpr std::array<const char*, kTests> kNames = {
    "mutual_knn(k=10), one layer pair",
    "the same, Pearson III tail (approximate)",
    "mutual_knn(k=10), maximum over 3 x 3 layers",
    "cka_linear_debiased, one layer pair",
    "mutual_knn(k=10) within 4 classes that both sides share",
    "any of 4 pairs, Benjamini-Hochberg",
    "any of 4 pairs, family-wise by max t",
    "paired comparison, A and B noisy copies of C (k = 3 at n = 64)"};

/// One place of the table: what data, how many.
struct Place {
  Law law;
  int64_t n, d;
};

using Pvalues = std::array<double, kTests>;

/// Draws one trial's data and nulls.
class Trial {
 public:
  Trial(const Place& place, uint64_t seed, uint32_t trial)
      : place_(place), seed_(seed), trial_(trial) {}

  [[nodiscard]] Pvalues run() const {
    Pvalues p{};
    of_unrelated(p);
    p[within_class] = of_classes();
    p[paired] = of_copies();
    return p;
  }

 private:
  [[nodiscard]] Matrix<float> rows(const std::string& name) const {
    return independent_rows(place_.law, place_.n, place_.d, Normals(seed_, trial_, name));
  }
  [[nodiscard]] Relabellings relabellings(int count, std::vector<int32_t> blocks = {}) const {
    return draw_relabellings(
        {.seed = seed_ + trial_, .permutations = count, .blocks = std::move(blocks)}, "a", "b",
        place_.n);
  }

  /// Layers of a and b are drawn independently; for the study each of two is a model of its own.
  void of_unrelated(Pvalues& p) const {
    const Model a("a", {rows("a0"), rows("a1"), rows("a2")});
    const Model b("b", {rows("b0"), rows("b1"), rows("b2")});
    const Relabellings moves = relabellings(kPermutations);
    std::vector<PairInference> study;
    std::vector<FamilyMember> members;
    std::vector<double> each;
    for (const size_t i : {0, 1})
      for (const size_t j : {0, 1}) {
        const ModelInput x = a.layer(i);
        const ModelInput y = b.layer(j);
        const auto [score, inference] = null_of(mutual_knn(kNeighbors), x, y, moves);
        study.push_back(inference);
        each.push_back(inference.p);
        members.push_back({score.maximum, {}});
        if (study.size() == 1) p[tail] = tail_of(score, x, y, inference);
      }
    for (size_t m = 0; m < members.size(); ++m) members[m].null = study[m].null_maxima;
    p[single] = each[0];
    p[adjusted] = std::ranges::min(benjamini_hochberg(each));
    p[family] = std::ranges::min(family_wise_p(members));
    p[maximum] = null_of(mutual_knn(kNeighbors), a.input(), b.input(), moves).second.p;
    static const MetricSpec kCka = parse_metric("cka_linear_debiased(preprocess=conditioned)");
    p[cka] =
        null_of(kCka, a.layer(0), b.layer(0), std::span(moves).first(kFewPermutations)).second.p;
  }

  static std::pair<PairScore, PairInference> null_of(const MetricSpec& metric, const ModelInput& a,
                                                     const ModelInput& b,
                                                     std::span<const std::vector<int32_t>> moves) {
    const PreparedGrid grid = prepare_metric(kOneThread, metric, a, b);
    std::pair<PairScore, PairInference> out{score_maximum(metric, a, b, grid, ""), {}};
    permutation_null(kOneThread, grid, out.first, moves, out.second);
    return out;
  }

  static double tail_of(const PairScore& score, const ModelInput& a, const ModelInput& b,
                        PairInference inference) {
    const auto counts = [](const ModelInput& side) {
      return graph_counts(side.layers[0].graph->index.view(), kNeighbors);
    };
    const auto moments = permutation_moments(counts(a), counts(b));
    pearson_three_tail(score, {.mean = moments.mean, .sd = std::sqrt(moments.variance)}, inference);
    return inference.p_tail;
  }

  /// Rows around the means of the same classes, otherwise unrelated.
  [[nodiscard]] double of_classes() const {
    std::vector<int32_t> classes;
    for (int32_t i = 0; i < place_.n; ++i) classes.push_back(i % kClasses);
    const auto side = [&](const std::string& name) {
      Matrix<float> x = rows("instances " + name);
      Normals draws(seed_, trial_, "means " + name);
      Matrix<float> means(kClasses, place_.d);
      for (float& value : means.values()) value = static_cast<float>(draws.next());
      for (int64_t i = 0; i < x.rows(); ++i)
        for (int64_t f = 0; f < x.cols(); ++f) x(i, f) += means(classes[static_cast<size_t>(i)], f);
      return x;
    };
    const Model a("a", {side("a")});
    const Model b("b", {side("b")});
    const PreparedGrid grid =
        prepare_metric(kOneThread, mutual_knn(kNeighbors), a.input(), b.input());
    PairInference out;
    within_class_null(kOneThread, grid,
                      score_maximum(mutual_knn(kNeighbors), a.input(), b.input(), grid, ""),
                      relabellings(kFewPermutations, classes), out);
    return out.class_p;
  }

  /// A and B are C with noise of the same law, two layers each. Halves must hold 10 k rows.
  [[nodiscard]] double of_copies() const {
    const Matrix<float> original = rows("c");
    const auto copy = [&](const std::string& name) {
      Matrix<float> x = rows("noise " + name);
      for (size_t e = 0; e < x.values().size(); ++e) x.values()[e] += original.values()[e];
      return x;
    };
    const Model a("a", {copy("a0"), copy("a1")});
    const Model b("b", {copy("b0"), copy("b1")});
    const Model c("c", {original});
    const HalfSplits splits = draw_half_splits(seed_ + trial_, kSplits, place_.n);
    const int k = place_.n < 20 * kNeighbors ? 3 : kNeighbors;
    const HalfGraphs halves_a = a.halves(splits, k);
    const HalfGraphs halves_b = b.halves(splits, k);
    const HalfGraphs halves_c = c.halves(splits, k);
    const PairedComparison result =
        paired_comparison(kOneThread, mutual_knn(k), {&a.input(), &halves_a},
                          {&b.input(), &halves_b}, {&c.input(), &halves_c}, splits);
    expect(result.reason.empty(), "selftest: no paired comparison: {}", result.reason);
    return result.p;
  }

  Place place_;
  uint64_t seed_;
  uint32_t trial_;
};

}  // namespace

CountBounds binomial_bounds(int trials, double p) {
  constexpr double kTail = 0.0005;
  std::vector<double> mass;
  for (int x = 0; x <= trials; ++x)
    mass.push_back(std::exp(std::lgamma(trials + 1.0) - std::lgamma(x + 1.0) -
                            std::lgamma(trials - x + 1.0) + x * std::log(p) +
                            (trials - x) * std::log1p(-p)));
  CountBounds bounds{0, trials};
  for (double below = mass[0]; below <= kTail; below += mass[static_cast<size_t>(bounds.fewest)])
    ++bounds.fewest;
  for (double above = mass.back(); above <= kTail; above += mass[static_cast<size_t>(bounds.most)])
    --bounds.most;
  return bounds;
}

std::vector<TypeOneRow> type_one_table(const kernels::Context& context, const Request& request) {
  const int trials = request.brief ? 60 : 500;
  const CountBounds bounds = binomial_bounds(trials, kLevel);
  std::vector<TypeOneRow> table;
  for (const int64_t n : {64, 256})
    for (const int64_t d : {16, 128})
      for (const Law law : {Law::gaussian, Law::heavy, Law::hubs}) {
        if (request.brief && (n != 64 || d != 16)) continue;
        std::vector<Pvalues> p(static_cast<size_t>(trials));
        kernels::parallel_for(context, trials, 1, [&](int64_t begin, int64_t end) {
          for (int64_t t = begin; t < end; ++t)
            p[static_cast<size_t>(t)] =
                Trial({law, n, d}, request.seed, static_cast<uint32_t>(t)).run();
        });
        for (size_t test = 0; test < kTests; ++test) {
          const auto rejected =
              std::ranges::count_if(p, [&](const Pvalues& all) { return all[test] <= kLevel; });
          table.push_back({kNames[test], name_of(law), n, d, trials, static_cast<int>(rejected),
                           bounds.fewest, bounds.most});
        }
      }
  return table;
}

}  // namespace consilience::engine::selftest
