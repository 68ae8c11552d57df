// Times one metric on two feature files inside one process:
//   metrics_bench A.npy B.npy METRIC [PERMUTATIONS] [THREADS]
// Prints JSON: seconds (wall and CPU) to make graphs and condition features, to score the whole
// layer grid, and to score it under each of PERMUTATIONS relabellings; the largest score; peak
// memory.
#include <iostream>

#include "engine/base/json.h"
#include "engine/base/usage.h"
#include "engine/inference/relabellings.h"
#include "engine/metrics/metric.h"
#include "engine/metrics/score_pair.h"
#include "engine/store/feature_file.h"
#include "engine/tasks/view_side.h"

namespace consilience::engine {
namespace {

class Stopwatch {
 public:
  [[nodiscard]] Json seconds() const {
    return {{"wall_s", wall_seconds() - wall_}, {"cpu_s", cpu_seconds() - cpu_}};
  }

 private:
  double wall_ = wall_seconds();
  double cpu_ = cpu_seconds();
};

Json run(const std::string& file_a, const std::string& file_b, const MetricSpec& metric,
         int permutations, int threads) {
  const auto a = open_feature_file(file_a);
  const auto b = open_feature_file(file_b);
  const kernels::Context context{kernels::Backend::cpu, threads};
  const SampleLabels labels;
  Json out = {{"metric", metric_text(metric)}, {"n", a->rows()}};
  const Stopwatch sides;
  ViewSide side_a(context, "a", *a, labels, Conditioning{}, {metric}, false);
  ViewSide side_b(context, "b", *b, labels, Conditioning{}, {metric}, false);
  const ModelInput left = side_a.input(metric);
  const ModelInput right = side_b.input(metric);
  out["sides"] = sides.seconds();
  out["bytes_before"] = peak_bytes();
  const Stopwatch scoring;
  const PreparedGrid grid = prepare_metric(context, metric, left, right);
  const PairScore score = score_maximum(metric, left, right, grid, "");
  out["score"] = scoring.seconds();
  out["maximum"] = score.maximum;
  out["bytes_after"] = peak_bytes();
  if (permutations > 0) {
    const Relabellings relabellings =
        draw_relabellings({.seed = 1, .permutations = permutations}, "a", "b", left.rows);
    const Stopwatch permuting;
    double sum = 0;
    for (const auto& relabelling : relabellings) sum += grid.values(relabelling)(0, 0);
    out["permutations"] = permuting.seconds();
    out["null_mean"] = sum / permutations;
  }
  return out;
}

}  // namespace
}  // namespace consilience::engine

int main(int count, char** words) {
  if (count < 4) {
    std::cerr << "usage: metrics_bench A.npy B.npy METRIC [PERMUTATIONS] [THREADS]\n";
    return 2;
  }
  try {
    const int permutations = count > 4 ? std::stoi(words[4]) : 0;
    const int threads = count > 5 ? std::stoi(words[5]) : 0;
    std::cout << consilience::engine::run(words[1], words[2],
                                          consilience::engine::parse_metric(words[3]), permutations,
                                          threads)
                     .dump()
              << "\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 3;
  }
}
