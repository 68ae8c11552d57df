#include <gtest/gtest.h>

#include <cmath>

#include "engine/store/graphs.h"
#include "engine/store/list.h"
#include "engine/store/scores.h"
#include "engine/store/verify.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

const double kNan = std::nan("");

LayerGraph graph() {
  LayerGraph layer{"block_0", "mean", {}};
  layer.graph.index = Matrix<int32_t>(3, 2);
  layer.graph.index.values() = {1, 2, 0, 2, 1, 0};
  layer.graph.score = Matrix<double>(3, 2);
  layer.graph.score.values() = {0.1, 1e-300, -2, 1.0 / 3, 5, 6};
  layer.graph.next_score = {kNan, kNan, kNan};
  layer.graph.ties = {0, 1, 0};
  layer.graph.facts = {0.1, true, 3, 2, 1, 2};
  return layer;
}

PairScore score() {
  PairScore pair;
  pair.model_a = "a";
  pair.model_b = "b";
  pair.layers_a = {"x/mean", "y/mean"};
  pair.layers_b = {"z/mean"};
  pair.metric = {"ridge_r2_cv5", {{"alpha", "1"}, {"direction", "x->y"}}, "centre"};
  pair.larger_is_closer = false;
  pair.remarks = {"2 columns left out"};
  pair.n = 3;
  pair.conditioning = "clamp=0.95/layer, l2";
  pair.grid = Matrix<double>(2, 1);
  pair.grid.values() = {1.0 / 3, kNan};
  pair.reasons = {"", "y/mean of a: every row is equal"};
  pair.chance = 0.1;
  pair.best_a = pair.best_b = 0;
  pair.maximum = pair.mean = 1.0 / 3;
  pair.per_sample = {0, 0.5, 0.5};
  return pair;
}

/// Equal, where a NaN equals a NaN.
void expect_same(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) << i;
}

TEST(Graphs, RoundTrip) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const std::string name = graph_record_name("toy@01234567", "block_0", "mean", "89abcdef0000");
  EXPECT_EQ(name, "graphs/toy@01234567/block_0-mean-89abcdef.json");
  const LayerGraph written = graph();
  write_graph(store, name, written, {{"features", "f"}});
  const LayerGraph back = read_graph(store, name);
  EXPECT_EQ(back.layer, written.layer);
  EXPECT_EQ(back.pooling, written.pooling);
  EXPECT_EQ(back.graph.index.values(), written.graph.index.values());
  EXPECT_EQ(back.graph.capacity(), 2);
  EXPECT_EQ(back.graph.score.values(), written.graph.score.values());
  expect_same(back.graph.next_score, written.graph.next_score);
  EXPECT_EQ(back.graph.ties, written.graph.ties);
  EXPECT_EQ(back.graph.facts.clamp_threshold, 0.1);
  EXPECT_TRUE(back.graph.facts.clamp_off_sparse);
  EXPECT_EQ(back.graph.facts.exact_duplicates, 3);
  EXPECT_EQ(back.graph.facts.max_in_degree, 2);
  EXPECT_EQ(back.graph.facts.rows_with_ties, 1);
  EXPECT_EQ(back.graph.facts.facts_k, 2);
  EXPECT_EQ(back.graph.reason, "");
}

TEST(Graphs, UndefinedOneKeepsItsReason) {
  const Scratch scratch;
  const Store store(scratch / "s");
  LayerGraph layer{"embedding", "first", {}};
  layer.graph.reason = "every row is equal";
  layer.graph.facts.exact_duplicates = 9;
  write_graph(store, "graphs/a.json", layer, {});
  const LayerGraph back = read_graph(store, "graphs/a.json");
  EXPECT_EQ(back.graph.reason, "every row is equal");
  EXPECT_EQ(back.graph.rows(), 0);
  EXPECT_EQ(back.graph.facts.exact_duplicates, 9);
}

TEST(Graphs, OtherInputsUnderTheSameNameAreAnError) {
  const Scratch scratch;
  const Store store(scratch / "s");
  write_graph(store, "graphs/a.json", graph(), {{"features", "f"}});
  write_graph(store, "graphs/a.json", graph(), {{"features", "f"}});
  EXPECT_EQ(error_of([&] {
              write_graph(store, "graphs/a.json", graph(), {{"features", "g"}});
            }),
            "3: " + (store.root() / "graphs/a.json").string() +
                ": another result with the same short hash stands there");
}

TEST(Graphs, RecordAndDataMustAgree) {
  const Scratch scratch;
  const Store store(scratch / "s");
  LayerGraph bad = graph();
  bad.graph.index(1, 1) = 3;
  write_graph(store, "graphs/bad.json", bad, {});
  EXPECT_TRUE(error_of([&] {
                (void)read_graph(store, "graphs/bad.json");
              }).ends_with(": damaged: neighbour 3 of 3 rows"));
  write_graph(store, "graphs/a.json", graph(), {});
  Json record = store.read_record("graphs/a.json");
  record["n"] = int64_t{1} << 60;
  write_text(store.root() / "graphs/a.json", canonical_json(record));
  EXPECT_TRUE(
      error_of([&] {
        (void)read_graph(store, "graphs/a.json");
      }).ends_with("tensor neighbours is [3, 2], its record says [1152921504606846976, 2]"));
  record.erase("n");
  write_text(store.root() / "graphs/a.json", canonical_json(record));
  EXPECT_EQ(error_of([&] { (void)read_graph(store, "graphs/a.json"); }),
            "3: " + (store.root() / "graphs/a.json").string() + ": damaged: n: key 'n' not found");
}

TEST(Scores, RoundTrip) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const std::string name = score_record_name("0123");
  EXPECT_EQ(name, "scores/0123.json");
  const PairScore written = score();
  write_score(store, name, written, {{"graphs", {"g", "h"}}});
  const PairScore back = read_score(store, name);
  EXPECT_EQ(back.model_a, "a");
  EXPECT_EQ(back.model_b, "b");
  EXPECT_EQ(back.layers_a, written.layers_a);
  EXPECT_EQ(back.layers_b, written.layers_b);
  EXPECT_EQ(back.metric, written.metric);
  EXPECT_EQ(back.n, 3);
  EXPECT_EQ(back.conditioning, written.conditioning);
  expect_same(back.grid.values(), written.grid.values());
  EXPECT_EQ(back.grid.cols(), 1);
  EXPECT_EQ(back.reasons, written.reasons);
  EXPECT_EQ(back.chance, 0.1);
  EXPECT_EQ(back.best_a, 0);
  EXPECT_EQ(back.maximum, 1.0 / 3);
  EXPECT_EQ(back.mean, 1.0 / 3);
  EXPECT_EQ(back.per_sample, written.per_sample);
  EXPECT_FALSE(back.larger_is_closer);
  EXPECT_EQ(back.remarks, written.remarks);
  EXPECT_EQ(back.reason, "");
}

TEST(Scores, NothingDefined) {
  const Scratch scratch;
  const Store store(scratch / "s");
  PairScore none = score();
  none.grid.values() = {kNan, kNan};
  none.maximum = none.mean = kNan;
  none.best_a = none.best_b = -1;
  none.per_sample.clear();
  none.reason = "k = 10 of 3 rows";
  write_score(store, "scores/n.json", none, {});
  const PairScore back = read_score(store, "scores/n.json");
  EXPECT_TRUE(std::isnan(back.maximum));
  EXPECT_TRUE(std::isnan(back.mean));
  EXPECT_EQ(back.best_b, -1);
  EXPECT_TRUE(back.per_sample.empty());
  EXPECT_EQ(back.reason, none.reason);
  EXPECT_EQ(error_of([&] { (void)read_inference(store, "scores/n.json"); }),
            "3: " + (store.root() / "scores/n.json").string() + ": no inference");
}

TEST(Inference, RoundTrip) {
  const Scratch scratch;
  const Store store(scratch / "s");
  PairInference written;
  written.null_maxima = {0.1, 0.2, 1.0 / 3};
  written.null_mean = 0.2;
  written.null_sd = 0.01;
  written.null_largest = 1.0 / 3;
  written.p = 0.25;
  written.p_floor = 0.125;
  written.sd = 0.5;
  written.lo = -1;
  written.interval = "half-splits(25)";
  written.interval_reason = "because";
  written.z = 3;
  written.corrected = 0.4;
  written.threshold = 0.3;
  written.calibrated = 0.2;
  written.p_tail = 1e-40;
  written.class_null_mean = 0.15;
  written.class_null_sd = 0.02;
  written.class_p = 0.5;
  written.class_reason = "no classes";
  written.others = {{"mean", 0.1, 0.2, kNan, 0.5}};
  written.half_values = {0.1, 0.2, 0.3, 0.4};
  write_inference(store, "scores/i.json", written, {{"seed", 1}});
  const PairInference back = read_inference(store, "scores/i.json");
  EXPECT_EQ(back.null_maxima, written.null_maxima);
  expect_same({back.null_mean, back.null_sd, back.null_largest, back.p, back.p_floor, back.sd,
               back.lo, back.hi},
              {0.2, 0.01, 1.0 / 3, 0.25, 0.125, 0.5, -1, kNan});
  EXPECT_EQ(back.interval, written.interval);
  EXPECT_EQ(back.interval_reason, written.interval_reason);
  expect_same({back.z, back.corrected, back.threshold, back.calibrated, back.p_tail,
               back.class_null_mean, back.class_null_sd, back.class_p},
              {3, 0.4, 0.3, 0.2, 1e-40, 0.15, 0.02, 0.5});
  EXPECT_EQ(back.class_reason, written.class_reason);
  ASSERT_EQ(back.others.size(), 1u);
  EXPECT_EQ(back.others[0].name, "mean");
  expect_same(
      {back.others[0].value, back.others[0].null_mean, back.others[0].null_sd, back.others[0].p},
      {0.1, 0.2, kNan, 0.5});
  EXPECT_EQ(back.half_values, written.half_values);
}

TEST(Results, SameBytesTwice) {
  const Scratch scratch;
  for (const char* name : {"one", "two"}) {
    const Store store(scratch / name);
    write_graph(store, "graphs/m@1/a.json", graph(), {{"x", 1}});
    write_score(store, "scores/a.json", score(), {{"x", 1}});
    write_inference(store, "scores/b.json", {}, {{"x", 1}});
  }
  EXPECT_EQ(contents(scratch / "one").size(), 7U);
  EXPECT_EQ(contents(scratch / "one"), contents(scratch / "two"));
}

}  // namespace
}  // namespace consilience::engine
