#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// A pair as a table shows it: rows are model a. `swapped`: the score has them the other way round.
struct PairView {
  const PairResult* pair = nullptr;
  const ModelSummary* a = nullptr;
  const ModelSummary* b = nullptr;
  bool swapped = false;
  bool several_metrics = false;  // the study has: name the metric with the pair

  [[nodiscard]] bool defined() const { return pair->score.best_a >= 0; }
  [[nodiscard]] double value() const { return pair->score.maximum; }
  [[nodiscard]] const std::vector<std::string>& layers_a() const;
  [[nodiscard]] const std::vector<std::string>& layers_b() const;
  [[nodiscard]] int64_t best_a() const;
  [[nodiscard]] int64_t best_b() const;
  [[nodiscard]] double cell(int64_t a, int64_t b) const;
  [[nodiscard]] bool trained() const;  // both sides
};

/// "maximum"; for a distance "minimum".
[[nodiscard]] const char* extreme(bool larger_is_closer);

/// The ends of a table's colours. Without a distance they begin at 0 even where a few cells lie
/// below (`cut`), so that one bad R2 leaves the others apart.
struct HeatScale {
  double low = 0, high = 0;
  bool larger_is_closer = true;
  bool cut = false;
};

/// The closest that random twins and trivial encoders come in place of a trained model.
struct Baseline {
  double value = kUnknown;
  const PairView* pair = nullptr;  // null: no baseline in the study
};

/// The pairs of one metric between two modalities.
struct PairTable {
  std::string metric;  // "mutual_knn(k=10, n=1000, clamp=0.95/layer, l2)"
  std::string modality_a, modality_b;
  std::vector<const ModelSummary*> rows, columns;  // trained, then random twins, then trivial
  std::vector<PairView> pairs;                     // rows by columns order
  MetricSpec spec;
  double chance = kUnknown;
  HeatScale heat;
  bool larger_is_closer = true;

  /// How much closer `value` is than `than`: negative when it is farther.
  [[nodiscard]] double gain(double value, double than) const;
  [[nodiscard]] const PairView* find(const ModelSummary* a, const ModelSummary* b) const;
  [[nodiscard]] Baseline baseline(const PairView& pair) const;
  [[nodiscard]] std::vector<const PairView*> trained() const;

  std::map<const PairResult*, Baseline> random, trivial;  // of the trained pairs that have one
};

/// Look-ups over a StudyResult, which must outlive it. Copies no scores.
class StudyView {
 public:
  explicit StudyView(const StudyResult& study);
  StudyView(const StudyView&) = delete;
  StudyView& operator=(const StudyView&) = delete;

  [[nodiscard]] const StudyResult& study() const { return study_; }
  [[nodiscard]] const std::vector<PairTable>& tables() const { return tables_; }
  /// A model that no card describes counts as trained.
  [[nodiscard]] const ModelSummary* model(const std::string& name) const;
  /// The ladder of a pair; null where the study has none.
  [[nodiscard]] const Ladder* ladder(const PairView& pair) const;

 private:
  void find_baselines();

  const StudyResult& study_;
  std::deque<ModelSummary> undescribed_;
  std::vector<PairTable> tables_;
  std::map<std::tuple<std::string, std::string, std::string>, const Ladder*> ladders_;
};

/// "mutual_knn(k=10, n=1000, clamp=0.95/layer, l2)": everything that the number depends on.
[[nodiscard]] std::string metric_label(const PairScore& score);

}  // namespace consilience::engine
