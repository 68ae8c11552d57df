#include "tests/unit/report/planted.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace consilience::engine::planted {
namespace {

struct Spec {
  const char *name, *modality, *family;
  double parameters, resolution;
  int layers;
  double depth;   // where the map peaks, 0 .. 1
  double signal;  // how much of it a partner sees
};

constexpr std::array<Spec, 4> kVision{
    {{"efficientnet-lite0", "vision", "efficientnet-lite", 4.65e6, 224, 17, .93, 1.00},
     {"efficientnet-lite1", "vision", "efficientnet-lite", 5.42e6, 240, 22, .92, 1.03},
     {"efficientnet-lite2", "vision", "efficientnet-lite", 6.09e6, 260, 22, .94, 1.12},
     {"dinov2-s-derived", "vision", "dinov2", 22.1e6, 224, 13, .78, .36}}};
constexpr std::array<Spec, 3> kText{
    {{"paraphrase-minilm-l3", "text", "minilm", 17.4e6, 0, 4, 1.0, .164},
     {"all-minilm-l6", "text", "minilm", 22.7e6, 0, 7, .99, .173},
     {"smollm2-135m", "text", "smollm2", 134.5e6, 0, 31, .62, .134}}};

ModelSummary trained(const Spec& spec) {
  ModelSummary model;
  model.name = spec.name;
  model.modality = spec.modality;
  model.family = spec.family;
  model.role = "trained";
  model.identity_hash =
      fmt::format("{:08x}", static_cast<uint32_t>(spec.parameters * 977)) + std::string(56, 'a');
  model.parameters = spec.parameters;
  model.resolution = spec.resolution;
  model.layers = spec.layers;
  model.licence = "Apache-2.0";
  model.source = fmt::format("{}-weights 0.1.0", spec.name);
  return model;
}

ModelSummary twin(const ModelSummary& of) {
  ModelSummary model = of;
  model.name += "-random-1";
  model.role = "random";
  model.twin_of = of.name;
  model.supervised_on = model.derived = model.quantised_from = model.notes = "";
  model.source = "seed 1, the architecture's own initialiser";
  return model;
}

ModelSummary trivial(const char* name, const char* modality) {
  ModelSummary model;
  model.name = name;
  model.modality = modality;
  model.family = "trivial";
  model.role = "trivial";
  model.identity_hash = std::string(64, 'b');
  model.layers = 1;
  model.licence = "Apache-2.0";
  return model;
}

/// A small fixed noise in [-1, 1].
double wobble(size_t i, size_t j, size_t seed) {
  uint32_t x = static_cast<uint32_t>(i * 2654435761U + j * 40503U + seed * 97003U + 1U);
  for (int round = 0; round < 3; ++round) {
    x ^= x << 13U;
    x ^= x >> 17U;
    x ^= x << 5U;
  }
  return static_cast<double>(x) / 2147483647.5 - 1;
}

std::vector<std::string> layer_names(const ModelSummary& model) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < model.layers; ++i)
    names.push_back(i == 0 ? "embedding/mean" : fmt::format("block_{}/mean", i - 1));
  if (model.role == "trivial") names = {"features/mean"};
  return names;
}

/// A smooth map that peaks at (depth_a, depth_b) with height `peak` over `chance`.
PairResult pair_of(const ModelSummary& a, const ModelSummary& b, double depth_a, double depth_b,
                   double peak, double sd, size_t seed) {
  PairResult pair;
  auto& score = pair.score;
  score.model_a = a.name;
  score.model_b = b.name;
  score.layers_a = layer_names(a);
  score.layers_b = layer_names(b);
  score.n = 1000;
  score.conditioning = "clamp=0.95/layer, l2";
  score.chance = 10.0 / 999;
  const size_t rows = score.layers_a.size(), columns = score.layers_b.size();
  score.grid = Matrix<double>(static_cast<int64_t>(rows), static_cast<int64_t>(columns));
  score.reasons.assign(rows * columns, "");
  score.mean = 0;
  for (size_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < columns; ++j) {
      const double x = rows > 1 ? static_cast<double>(i) / static_cast<double>(rows - 1) : depth_a;
      const double y =
          columns > 1 ? static_cast<double>(j) / static_cast<double>(columns - 1) : depth_b;
      const double far = std::pow((x - depth_a) / .45, 2) + std::pow((y - depth_b) / .55, 2);
      const double value =
          score.chance + (peak - score.chance) * std::exp(-far) + .0012 * wobble(i, j, seed);
      score.grid(static_cast<int64_t>(i), static_cast<int64_t>(j)) = std::max(.004, value);
      score.mean += std::max(.004, value) / static_cast<double>(rows * columns);
    }
  const auto& values = score.grid.values();
  const auto best = std::max_element(values.begin(), values.end()) - values.begin();
  score.best_a = best / static_cast<std::ptrdiff_t>(columns);
  score.best_b = best % static_cast<std::ptrdiff_t>(columns);
  score.maximum = values[static_cast<size_t>(best)];
  auto& inference = pair.inference;
  inference.null_mean = .0128 + .0008 * wobble(rows, columns, seed);
  inference.null_sd = .0006;
  inference.null_largest = inference.null_mean + .0026;
  inference.p_floor = 1.0 / 201;
  inference.p = score.maximum > inference.null_largest ? inference.p_floor : .31;
  inference.sd = sd;
  inference.lo = score.maximum - 1.96 * sd;
  inference.hi = score.maximum + 1.96 * sd;
  inference.interval = "half-splits(25)";
  inference.p_bh = inference.p_fwer = 1.2 * inference.p;
  return pair;
}

const PairResult& find(const StudyResult& study, const std::string& a, const std::string& b) {
  return *std::find_if(study.pairs.begin(), study.pairs.end(), [&](const auto& pair) {
    return pair.score.model_a == a && pair.score.model_b == b;
  });
}

/// A curve of every family over its models, for each partner.
template <typename Models, typename Partners>
void add_curves(StudyResult& study, const Models& models, const Partners& partners, bool swapped) {
  for (size_t first = 0; first < models.size();) {
    size_t last = first;
    while (last < models.size() && std::string(models[last].family) == models[first].family) ++last;
    for (const auto& partner : partners) {
      Curve curve{"params", models[first].family, partner.name, {}};
      for (size_t i = first; i < last; ++i) {
        const auto get = [&](std::string x, std::string y) -> const PairResult& {
          return swapped ? find(study, y, x) : find(study, x, y);
        };
        const std::string name = models[i].name, other = partner.name;
        const auto& pair = get(name, other);
        curve.points.push_back({name, other, models[i].parameters, pair.score.maximum,
                                pair.inference.lo, pair.inference.hi, pair.inference.null_mean,
                                std::max(get(name + "-random-1", other).score.maximum,
                                         get(name, other + "-random-1").score.maximum)});
      }
      study.curves.push_back(curve);
    }
    first = last;
  }
}

LadderRung rung_of(const char* key, const char* name, double value, const std::string& from,
                   bool baseline) {
  LadderRung rung;
  rung.key = key;
  rung.name = name;
  rung.value = value;
  rung.from = from;
  rung.baseline = baseline;
  return rung;
}

/// As the inference stage would make it, with made-up intervals.
Ladder ladder_of(const StudyResult& study, const PairResult& pair, double classes) {
  const auto& score = pair.score;
  Ladder ladder;
  ladder.model_a = score.model_a;
  ladder.model_b = score.model_b;
  ladder.metric = printed_name(score);
  ladder.twins = study.twins;
  const auto stand_in = [&](const char* key, const char* name, const std::string& a,
                            const std::string& b) {
    const auto& one = find(study, a, score.model_b);
    const auto& other = find(study, score.model_a, b);
    const auto& best = one.score.maximum > other.score.maximum ? one : other;
    auto rung = rung_of(key, name, best.score.maximum,
                        best.score.model_a + " x " + best.score.model_b, true);
    rung.lo = best.inference.lo;
    rung.hi = best.inference.hi;
    return rung;
  };
  ladder.rungs = {
      rung_of("chance", "chance for one layer pair", score.chance, "", false),
      rung_of("selection", "choosing the best layer pair", pair.inference.null_mean,
              "shuffled rows, mean of the maximum", true),
      stand_in("trivial", "a trivial encoder", "colour-histogram", "bag-of-words"),
      stand_in("random", "random weights", score.model_a + "-random-1",
               score.model_b + "-random-1"),
      rung_of("classes", "agreement on classes", classes, "rows moved within their class", false),
      rung_of("score", "the score", score.maximum, score.model_a + " x " + score.model_b, false)};
  ladder.rungs[1].name =
      fmt::format("choosing the best of {} layer pairs", score.grid.values().size());
  ladder.rungs[5].lo = pair.inference.lo;
  ladder.rungs[5].hi = pair.inference.hi;
  if (std::isnan(classes)) {
    ladder.rungs[4].from = "";
    ladder.rungs[4].missing = "no class ids: name the field with class ids: class = \"...\"";
  }
  const auto& highest =
      *std::max_element(ladder.rungs.begin(), ladder.rungs.end(), [](const auto& x, const auto& y) {
        return (x.baseline ? x.value : -1) < (y.baseline ? y.value : -1);
      });
  ladder.highest = highest.key;
  ladder.excess = score.maximum - highest.value;
  ladder.excess_lo = ladder.excess - 1.8 * pair.inference.sd;
  ladder.excess_hi = ladder.excess + 1.8 * pair.inference.sd;
  ladder.instances = score.maximum - classes;
  ladder.wording = fmt::format(
      "{:.3f} [{:.3f}, {:.3f}] is {:.3f} [{:.3f}, {:.3f}] above the highest baseline, {} "
      "({:.3f}). Independence is rejected at p = 0.005, which random weights also achieve.",
      score.maximum, pair.inference.lo, pair.inference.hi, ladder.excess, ladder.excess_lo,
      ladder.excess_hi, highest.name, highest.value);
  return ladder;
}

void add_layers(StudyResult& study) {
  for (const auto& model : study.models)
    for (const auto& slot : layer_names(model)) {
      LayerSummary layer;
      layer.model = model.name;
      layer.layer = slot.substr(0, slot.find('/'));
      layer.pooling = "mean";
      layer.width = 384;
      layer.facts.clamp_threshold = 1.7;
      layer.facts.max_in_degree = 46;
      layer.facts.facts_k = 10;
      study.layers.push_back(layer);
    }
}

}  // namespace

StudyResult realistic_study() {
  StudyResult study;
  study.name = "in1k-gloss";
  study.settings = {{"seed", "1"},
                    {"poolings", "mean"},
                    {"compute", "f32"},
                    {"preset", "default"},
                    {"permutations", "200"},
                    {"alpha", "0.05"},
                    {"interval", "half-splits(25)"}};
  study.data.name = "in1k-gloss";
  study.data.hash = "9f2c41d07be83a5514c6e0d2aa97b1f3" + std::string(32, '0');
  study.data.rows = 1002;
  study.data.valid_rows = 1000;
  study.data.classes = 1000;
  study.data.bad = {{"n01440764_10026", "JPEG ends early: 812 of 375 x 500 pixels decoded"},
                    {"n02979186_4402", "empty file"}};
  study.twins = 1;
  study.permutations = 200;
  std::vector<ModelSummary> vision, text;
  for (const auto& spec : kVision) vision.push_back(trained(spec));
  for (const auto& spec : kText) text.push_back(trained(spec));
  for (size_t i = 0; i < 3; ++i) vision[i].supervised_on = "ImageNet-1k";
  vision[3].derived = "from a saliency model's ONNX file";
  vision[3].notes = "last layer collapses";
  vision[3].licence = "MIT";
  text[0].notes = "tokenizer of MiniLM-L6";
  text[2].quantised_from = "Q4_1 GGUF";
  for (size_t i = 0; i < kVision.size(); ++i) vision.push_back(twin(vision[i]));
  for (size_t i = 0; i < kText.size(); ++i) text.push_back(twin(text[i]));
  vision.push_back(trivial("colour-histogram", "vision"));
  text.push_back(trivial("bag-of-words", "text"));
  for (const auto* side : {&vision, &text})
    study.models.insert(study.models.end(), side->begin(), side->end());
  for (size_t i = 0; i < vision.size(); ++i)
    for (size_t j = 0; j < text.size(); ++j) {
      const bool v = i < 4, t = j < 3;
      const auto& vs = kVision[i % 4];
      const auto& ts = kText[j % 3];
      double peak = .0135;
      if (v && t) peak = vs.signal * ts.signal;
      if (v && !t) peak = .0135 + .037 * vs.signal;  // a random text model sees words
      if (!v && t) peak = .0165;                     // a random vision model sees colours
      if (v && j == text.size() - 1) peak = .08 * vs.signal;
      if (i == vision.size() - 1) peak = t ? .021 : .016;
      study.pairs.push_back(
          pair_of(vision[i], text[j], vs.depth, ts.depth, peak, v && t ? .0062 : .002, i * 16 + j));
    }
  add_curves(study, kVision, kText, false);
  add_curves(study, kText, kVision, true);
  for (const auto& vs : kVision)
    for (const auto& ts : kText) {
      const auto& pair = find(study, vs.name, ts.name);
      const bool classes = ts.name != std::string("smollm2-135m");
      study.ladders.push_back(
          ladder_of(study, pair, classes ? .012 + .75 * (pair.score.maximum - .012) : kUnknown));
    }
  add_layers(study);
  study.layers.back().facts.clamp_off_sparse = true;
  study.layers[0].facts.exact_duplicates = 3;
  for (auto& layer : study.layers)
    if (layer.model == "smollm2-135m" && layer.layer == "block_29") layer.facts.max_in_degree = 214;
  auto& undefined = study.layers[74];
  undefined.reason = "all rows are equal";
  for (auto& pair : study.pairs)
    if (pair.score.model_a == undefined.model) {
      const auto columns = pair.score.grid.cols();
      for (int64_t j = 0; j < columns; ++j) {
        pair.score.grid(0, j) = std::numeric_limits<double>::quiet_NaN();
        pair.score.reasons[static_cast<size_t>(j)] = undefined.reason;
      }
    }
  return study;
}

namespace {

/// Everything that is a score becomes offset + slope x score.
void rescale(PairResult& pair, const MetricSpec& metric, double offset, double slope) {
  auto& score = pair.score;
  const auto turn = [&](double& value) { value = offset + slope * value; };
  score.metric = metric;
  score.larger_is_closer = slope > 0;
  score.chance = kUnknown;
  for (double& cell : score.grid.values()) turn(cell);
  auto& inference = pair.inference;
  for (double* value : {&score.maximum, &score.mean, &inference.null_mean, &inference.null_largest,
                        &inference.lo, &inference.hi})
    turn(*value);
  if (slope < 0) std::swap(inference.lo, inference.hi);
}

void rescale(Ladder& ladder, double offset, double slope) {
  ladder.larger_is_closer = slope > 0;
  for (auto& rung : ladder.rungs) {
    for (double* value : {&rung.value, &rung.lo, &rung.hi}) *value = offset + slope * *value;
    if (slope < 0) std::swap(rung.lo, rung.hi);
  }
  for (double* value : {&ladder.excess, &ladder.excess_lo, &ladder.excess_hi, &ladder.instances})
    *value *= std::abs(slope);
  ladder.rungs[0].value = kUnknown;
  ladder.rungs[0].missing = "no exact chance level is known for this metric";
}

}  // namespace

StudyResult other_metrics_study() {
  StudyResult study = realistic_study();
  study.name = "other-metrics";
  study.curves.clear();
  const MetricSpec distance{"procrustes_distance", {}, "raw"};
  const MetricSpec r2{"ridge_r2_cv5", {{"direction", "x->y"}}, "raw"};
  study.metrics = {{"procrustes_distance", "what is left after the best rotation",
                    "|A|^2 + |B|^2 - 2 |A'B|_*", "", "grows with n", "Schoenemann 1966"}};
  const auto first = study.pairs;
  for (auto& pair : study.pairs) rescale(pair, distance, 2.1, -5);
  for (auto pair : first) {
    rescale(pair, r2, -.6, 6);
    study.pairs.push_back(pair);
  }
  for (auto& ladder : study.ladders) {
    rescale(ladder, 2.1, -5);
    ladder.metric = printed_name(study.pairs[0].score);
    ladder.rungs[3] = rung_of("random", "random weights", kUnknown, "", true);
    ladder.rungs[3].missing = "no random-weights twin was compared: add twins = 5";
  }
  auto& last = study.ladders.back();
  last.excess_lo = last.excess_hi = kUnknown;
  last.excess_missing = "n is too small to halve";
  return study;
}

StudyResult quiet_study() {
  StudyResult study;
  study.name = "quiet";
  study.data.name = "pictures";
  study.data.hash = std::string(64, 'c');
  study.data.rows = study.data.valid_rows = 1000;
  study.twins = 5;
  study.permutations = 200;
  std::vector<ModelSummary> models{trained(kVision[0]), trained(kText[0])};
  for (auto& model : models) model.layers = 7;
  models.push_back(twin(models[0]));
  models.push_back(twin(models[1]));
  models.push_back(trivial("colour-histogram", "vision"));
  models.push_back(trivial("bag-of-words", "text"));
  study.models = models;
  const auto add = [&](size_t a, size_t b, double peak) {
    study.pairs.push_back(pair_of(models[a], models[b], .5, .5, peak, .004, a * 8 + b));
    study.pairs.back().inference.p = study.pairs.back().inference.p_floor * 2;
  };
  add(0, 1, .2);
  add(0, 3, .02);
  add(2, 1, .02);
  add(0, 5, .02);
  add(4, 1, .02);
  study.pairs[0].inference.class_null_mean = .10;
  study.ladders.push_back(ladder_of(study, study.pairs[0], .10));
  Curve curve{"params", "efficientnet-lite", models[1].name, {}};
  for (int i = 0; i < 4; ++i)
    curve.points.push_back(
        {fmt::format("m{}", i), models[1].name, 1e6 * (i + 1), .1, .09, .11, .013, .02});
  study.curves.push_back(curve);
  add_layers(study);
  return study;
}

StudyResult hostile_study() {
  const std::string breakout =
      R"("'></title></style><script>alert(1)</script><img src=x onerror=alert(2)>&amp;)";
  const std::string long_name = "a-very-long-model-name-" + std::string(180, 'x');
  const std::string csv = "comma, quote \" and\r\nline";
  const std::string bytes = "bad \xff\xc3 bytes \x01 and </script><!-- 中文 — עברית";
  StudyResult study = realistic_study();
  const auto rename = [&](const std::string& from, const std::string& to) {
    for (auto& model : study.models) {
      if (model.name == from) model.name = to;
      if (model.twin_of == from) model.twin_of = to;
    }
    for (auto& pair : study.pairs)
      for (auto* name : {&pair.score.model_a, &pair.score.model_b})
        if (*name == from) *name = to;
    for (auto& ladder : study.ladders)
      for (auto* name : {&ladder.model_a, &ladder.model_b})
        if (*name == from) *name = to;
    for (auto& layer : study.layers)
      if (layer.model == from) layer.model = to;
    for (auto& curve : study.curves) {
      if (curve.partner == from) curve.partner = to;
      for (auto& point : curve.points)
        if (point.model == from) point.model = to;
    }
  };
  rename("efficientnet-lite0", breakout);
  rename("efficientnet-lite1", long_name);
  rename("all-minilm-l6", csv);
  rename("smollm2-135m", bytes);
  study.name = study.data.name = breakout;
  study.settings.emplace_back(breakout, breakout);
  study.data.bad = {{breakout, bytes}, {csv, long_name}};
  for (auto& model : study.models)
    for (auto* text : {&model.licence, &model.source, &model.notes, &model.derived, &model.family})
      if (model.role == "trained") *text = breakout;
  for (auto& curve : study.curves) curve.family = breakout;
  for (auto& pair : study.pairs) {
    pair.score.layers_a[0] = breakout + "/mean";
    pair.score.conditioning = breakout;
  }
  for (auto& ladder : study.ladders) {
    ladder.metric = printed_name(study.pairs[0].score);
    ladder.wording = ladder.rungs[0].from = ladder.rungs[2].name = breakout;
    ladder.rungs[3].value = kUnknown;
    ladder.rungs[3].missing = ladder.excess_missing = bytes;
  }
  auto& undefined = study.pairs[1];
  undefined.score.best_a = undefined.score.best_b = -1;
  undefined.score.maximum = std::numeric_limits<double>::quiet_NaN();
  undefined.score.reason = breakout;
  return study;
}

}  // namespace consilience::engine::planted
