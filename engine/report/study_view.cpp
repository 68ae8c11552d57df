#include "engine/report/study_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "engine/types/baselines.h"

namespace consilience::engine {
namespace {

int role_rank(const ModelSummary& model) {
  if (model.role == "random") return 1;
  return model.role == "trivial" ? 2 : 0;
}

/// vision, text, others by name, unnamed.
std::pair<int, std::string> modality_rank(const std::string& modality) {
  if (modality == "vision") return {0, ""};
  if (modality == "text") return {1, ""};
  return {modality.empty() ? 3 : 2, modality};
}

void add_once(std::vector<const ModelSummary*>& models, const ModelSummary* model) {
  if (std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
}

/// Trained models, then twins, then trivial encoders; each in the study's order.
void order_models(std::vector<const ModelSummary*>& models, const StudyResult& study) {
  const auto place = [&](const ModelSummary* model) {
    const auto* first = study.models.data();
    const auto* last = first + study.models.size();
    const bool described = !std::less<>{}(model, first) && std::less<>{}(model, last);
    return std::pair{role_rank(*model), described ? model - first : last - first};
  };
  std::stable_sort(models.begin(), models.end(),
                   [&](auto* x, auto* y) { return place(x) < place(y); });
}

}  // namespace

const std::vector<std::string>& PairView::layers_a() const {
  return swapped ? pair->score.layers_b : pair->score.layers_a;
}
const std::vector<std::string>& PairView::layers_b() const {
  return swapped ? pair->score.layers_a : pair->score.layers_b;
}
int64_t PairView::best_a() const { return swapped ? pair->score.best_b : pair->score.best_a; }
int64_t PairView::best_b() const { return swapped ? pair->score.best_a : pair->score.best_b; }
double PairView::cell(int64_t row, int64_t column) const {
  return swapped ? pair->score.grid(column, row) : pair->score.grid(row, column);
}
bool PairView::trained() const { return role_rank(*a) == 0 && role_rank(*b) == 0; }

const PairView* PairTable::find(const ModelSummary* a, const ModelSummary* b) const {
  for (const auto& pair : pairs)
    if ((pair.a == a && pair.b == b) || (modality_a == modality_b && pair.a == b && pair.b == a))
      return &pair;
  return nullptr;
}

double PairTable::gain(double value, double than) const {
  return larger_is_closer ? value - than : than - value;
}

Baseline PairTable::baseline(const PairView& of) const {
  Baseline best;
  for (const auto* kind : {&random, &trivial}) {
    const auto found = kind->find(of.pair);
    if (found == kind->end()) continue;
    if (best.pair == nullptr || gain(found->second.value, best.value) > 0) best = found->second;
  }
  return best;
}

std::vector<const PairView*> PairTable::trained() const {
  std::vector<const PairView*> out;
  for (const auto& pair : pairs)
    if (pair.trained()) out.push_back(&pair);
  return out;
}

std::string metric_label(const PairScore& score) { return printed_name(score); }

const char* extreme(bool larger_is_closer) { return larger_is_closer ? "maximum" : "minimum"; }

namespace {

HeatScale heat_of(const PairTable& table) {
  double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
  const auto add = [&](double value) {
    if (!std::isfinite(value)) return;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  };
  for (const auto& pair : table.pairs) {
    if (!pair.defined()) continue;
    add(pair.value());
    for (const double cell : pair.pair->score.grid.values()) add(cell);
  }
  if (lowest > highest) return {0, 0, table.larger_is_closer, false};
  if (highest <= 0) return {lowest, highest, table.larger_is_closer, false};
  return {0, highest, table.larger_is_closer, lowest < 0};
}

/// Across modalities, then within; a metric's tables together, vision before text before audio.
void order_tables(std::vector<PairTable>& tables) {
  std::vector<std::string> metrics;
  for (const auto& table : tables)
    if (std::ranges::find(metrics, table.metric) == metrics.end()) metrics.push_back(table.metric);
  const auto place = [&](const PairTable& table) {
    return std::tuple{table.modality_a == table.modality_b,
                      std::ranges::find(metrics, table.metric) - metrics.begin(),
                      modality_rank(table.modality_a), modality_rank(table.modality_b)};
  };
  std::ranges::stable_sort(tables, {}, place);
}

}  // namespace

StudyView::StudyView(const StudyResult& study) : study_(study) {
  for (const auto& pair : study.pairs)
    for (const auto* name : {&pair.score.model_a, &pair.score.model_b})
      if (model(*name) == nullptr) {
        undescribed_.emplace_back();
        undescribed_.back().name = *name;
        undescribed_.back().role = "trained";
      }
  std::vector<std::pair<const PairScore*, size_t>> groups;  // a score of each table
  const auto same_table = [](const PairScore& x, const PairScore& y) {
    return x.metric == y.metric && x.conditioning == y.conditioning;
  };
  const bool several_metrics = std::ranges::any_of(study.pairs, [&](const auto& pair) {
    return pair.score.metric != study.pairs.front().score.metric;
  });
  for (const auto& pair : study.pairs) {
    PairView shown{&pair, model(pair.score.model_a), model(pair.score.model_b)};
    shown.several_metrics = several_metrics;
    if (modality_rank(shown.b->modality) < modality_rank(shown.a->modality)) {
      std::swap(shown.a, shown.b);
      shown.swapped = true;
    }
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& entry) {
      const auto& table = tables_[entry.second];
      return same_table(*entry.first, pair.score) && table.modality_a == shown.a->modality &&
             table.modality_b == shown.b->modality;
    });
    size_t at = tables_.size();
    if (group != groups.end()) {
      at = group->second;
    } else {
      groups.emplace_back(&pair.score, at);
      tables_.emplace_back();
      tables_.back().metric = metric_label(pair.score);
      tables_.back().modality_a = shown.a->modality;
      tables_.back().modality_b = shown.b->modality;
      tables_.back().chance = pair.score.chance;
      tables_.back().spec = pair.score.metric;
      tables_.back().larger_is_closer = pair.score.larger_is_closer;
    }
    auto& table = tables_[at];
    add_once(table.rows, shown.a);
    add_once(table.columns, shown.b);
    table.pairs.push_back(shown);
  }
  for (auto& table : tables_) {
    order_models(table.rows, study);
    order_models(table.columns, study);
    const auto place = [&](const PairView& pair) {
      return std::pair{std::find(table.rows.begin(), table.rows.end(), pair.a),
                       std::find(table.columns.begin(), table.columns.end(), pair.b)};
    };
    std::stable_sort(table.pairs.begin(), table.pairs.end(),
                     [&](const auto& x, const auto& y) { return place(x) < place(y); });
    table.heat = heat_of(table);
  }
  order_tables(tables_);
  for (const auto& ladder : study.ladders)
    ladders_[{ladder.model_a, ladder.model_b, ladder.metric}] = &ladder;
  find_baselines();
}

void StudyView::find_baselines() {
  std::map<const PairResult*, const PairView*> views;
  for (const auto& table : tables_)
    for (const auto& pair : table.pairs) views[pair.pair] = &pair;
  for (auto& table : tables_)
    for (const auto& pair : table.pairs) {
      if (!pair.trained()) continue;
      const auto keep = [&](const StandIn& found, auto& kind) {
        if (found.pair != nullptr) kind[pair.pair] = {found.value, views.at(found.pair)};
      };
      keep(random_baseline(study_.models, study_.pairs, pair.pair->score), table.random);
      keep(trivial_baseline(study_.models, study_.pairs, pair.pair->score), table.trivial);
    }
}

const Ladder* StudyView::ladder(const PairView& pair) const {
  const auto& score = pair.pair->score;
  const auto found = ladders_.find({score.model_a, score.model_b, metric_label(score)});
  return found == ladders_.end() ? nullptr : found->second;
}

const ModelSummary* StudyView::model(const std::string& name) const {
  for (const auto& known : study_.models)
    if (known.name == name) return &known;
  for (const auto& known : undescribed_)
    if (known.name == name) return &known;
  return nullptr;
}

}  // namespace consilience::engine
