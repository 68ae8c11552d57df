// Times a whole zoo: the exact graph of every layer of two modalities, the overlap of all pairs of
// layers, and the permutation null of the maximum over the grid. Prints JSON: wall and CPU seconds
// of each part and in all, the largest score, the null's mean, peak memory.
//
//   zoo_grid [--layers-a 454] [--layers-b 352] [--n 1024] [--permutations 200] [--threads 1]
//
// Features are made layer by layer and not timed: what all layers share, turned a different way in
// each, plus noise of the layer's own. Widths go round 384, 768 and 1,024.
#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <numbers>

#include "engine/base/json.h"
#include "engine/base/usage.h"
#include "engine/graphs/build_graphs.h"
#include "engine/graphs/list_length.h"
#include "engine/inference/permutation_null.h"
#include "engine/metrics/score_pair.h"
#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"

namespace consilience::engine {
namespace {

constexpr int kNeighbours = 10;
constexpr int64_t kShared = 24;  // dimensions that all layers have in common
constexpr uint64_t kSeed = 1;
constexpr int64_t kWidths[] = {384, 768, 1024};

struct Plan {
  int64_t layers_a = 454, layers_b = 352;
  int64_t n = 1024;
  int permutations = 200;
  int threads = 1;
};

struct Spent {
  double wall_s = 0, cpu_s = 0;

  template <typename Work>
  auto measure(const Work& work) {
    const double wall = wall_seconds();
    const double cpu = cpu_seconds();
    auto result = work();
    wall_s += wall_seconds() - wall;
    cpu_s += cpu_seconds() - cpu;
    return result;
  }
  [[nodiscard]] Json json() const { return {{"wall_s", wall_s}, {"cpu_s", cpu_s}}; }
};

/// Normals [rows, cols]; `stream` tells matrices apart.
Matrix<float> normals(const kernels::Context& context, int64_t rows, int64_t cols,
                      uint32_t stream) {
  Matrix<float> x(rows, cols);
  kernels::parallel_for(context, rows, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t f = 0; f < cols; f += 2) {
        const auto words = kernels::philox4x32(
            {static_cast<uint32_t>(i), static_cast<uint32_t>(f), stream, 0}, kSeed);
        const double radius = std::sqrt(-2 * std::log((words[0] + 0.5) * 0x1p-32));
        const double angle = 2 * std::numbers::pi * words[1] * 0x1p-32;
        x(i, f) = static_cast<float>(radius * std::cos(angle));
        if (f + 1 < cols) x(i, f + 1) = static_cast<float>(radius * std::sin(angle));
      }
    }
  });
  return x;
}

/// One layer's features: the shared part, turned, and a share of noise that differs by layer.
class MadeLayer : public FeatureView {
 public:
  MadeLayer(const kernels::Context& context, const Matrix<float>& shared, int64_t layer,
            uint32_t stream)
      : slots_{{"layer_" + std::to_string(layer), "made",
                kWidths[static_cast<size_t>(layer) % std::size(kWidths)]}} {
    const int64_t d = slots_[0].width;
    const Matrix<float> turn = normals(context, kShared, d, 2 * stream + 1);
    const float noise = 2.0F + static_cast<float>(layer % 12);
    x_ = normals(context, shared.rows(), d, 2 * stream + 2);
    kernels::parallel_for(context, x_.rows(), 16, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto row = x_.row(i);
        for (float& value : row) value *= noise;
        for (int64_t s = 0; s < kShared; ++s) {
          const auto direction = turn.row(s);
          for (size_t f = 0; f < row.size(); ++f) row[f] += shared(i, s) * direction[f];
        }
      }
    });
  }

  [[nodiscard]] int64_t rows() const override { return x_.rows(); }
  [[nodiscard]] const std::vector<FeatureSlot>& slots() const override { return slots_; }
  void read(int64_t, int64_t begin, int64_t end, MatrixView<float> out) const override {
    for (int64_t i = begin; i < end; ++i) std::ranges::copy(x_.row(i), out.row(i - begin).begin());
  }
  [[nodiscard]] std::string digest() const override { return "made"; }

 private:
  std::vector<FeatureSlot> slots_;
  Matrix<float> x_;
};

ModelGraphs build_side(const kernels::Context& context, const std::string& name,
                       const Matrix<float>& shared, int64_t layers, uint32_t first_stream,
                       Spent& spent) {
  ModelGraphs graphs{name, name, shared.rows(), {}};
  const GraphRequest request{.model = name, .k = kNeighbours};
  for (int64_t layer = 0; layer < layers; ++layer) {
    const MadeLayer features(context, shared, layer, first_stream + static_cast<uint32_t>(layer));
    graphs.layers.push_back(spent.measure(
        [&] { return build_layer_graph(context, features, 0, request, ClampFit{}); }));
  }
  return graphs;
}

Json run(const Plan& plan) {
  const kernels::Context context{kernels::Backend::cpu, plan.threads};
  const Matrix<float> shared = normals(context, plan.n, kShared, 0);
  Spent graphs, overlap, null;
  const ModelGraphs a = build_side(context, "a", shared, plan.layers_a, 1, graphs);
  const ModelGraphs b = build_side(context, "b", shared, plan.layers_b,
                                   1 + static_cast<uint32_t>(plan.layers_a), graphs);
  const ModelInput left = graph_side(a);
  const ModelInput right = graph_side(b);
  const MetricSpec metric = mutual_knn(kNeighbours);
  PreparedGrid grid;
  const PairScore score = overlap.measure([&] {
    grid = prepare_metric(context, metric, left, right);
    return score_maximum(metric, left, right, grid, "");
  });
  Json out = {{"layers_a", plan.layers_a},
              {"layers_b", plan.layers_b},
              {"n", plan.n},
              {"k", kNeighbours},
              {"list_length", list_length(plan.n, kNeighbours)},
              {"permutations", plan.permutations},
              {"threads", plan.threads},
              {"maximum", score.maximum},
              {"mean", score.mean}};
  if (plan.permutations > 0) {
    const PairInference inference = null.measure([&] {
      PairInference found;
      const Relabellings relabellings =
          draw_relabellings({.seed = kSeed, .permutations = plan.permutations}, "a", "b", plan.n);
      permutation_null(context, grid, score, relabellings, found);
      return found;
    });
    out["null_mean"] = inference.null_mean;
    out["null_largest"] = inference.null_largest;
    out["p"] = inference.p;
  }
  out["graphs"] = graphs.json();
  out["overlap"] = overlap.json();
  out["null"] = null.json();
  out["all"] =
      Spent{graphs.wall_s + overlap.wall_s + null.wall_s, graphs.cpu_s + overlap.cpu_s + null.cpu_s}
          .json();
  out["peak_bytes"] = peak_bytes();
  return out;
}

}  // namespace
}  // namespace consilience::engine

int main(int count, char** words) {
  consilience::engine::Plan plan;
  CLI::App app{"Times graphs, overlaps and the permutation null of a whole zoo"};
  app.add_option("--layers-a", plan.layers_a)->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--layers-b", plan.layers_b)->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--n", plan.n, "rows")->check(CLI::Range(12, 1'000'000))->capture_default_str();
  app.add_option("--permutations", plan.permutations)->check(CLI::Range(0, 1'000'000));
  app.add_option("--threads", plan.threads, "0: all")->check(CLI::Range(0, 1024));
  CLI11_PARSE(app, count, words);
  try {
    std::cout << consilience::engine::run(plan).dump() << "\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 3;
  }
}
