#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "engine/types/study_result.h"

namespace consilience::engine {

/// A pair as a table shows it: rows are model a. `swapped`: the score has them the other way round.
struct PairView {
  const PairResult* pair = nullptr;
  const ModelSummary* a = nullptr;
  const ModelSummary* b = nullptr;
  bool swapped = false;

  [[nodiscard]] bool defined() const { return pair->score.best_a >= 0; }
  [[nodiscard]] double value() const { return pair->score.maximum; }
  [[nodiscard]] const std::vector<std::string>& layers_a() const;
  [[nodiscard]] const std::vector<std::string>& layers_b() const;
  [[nodiscard]] int64_t best_a() const;
  [[nodiscard]] int64_t best_b() const;
  [[nodiscard]] double cell(int64_t a, int64_t b) const;
  [[nodiscard]] bool trained() const;  // both sides
};

/// The highest value that a random twin or a trivial encoder reaches in place of one side.
struct Baseline {
  double value = std::numeric_limits<double>::quiet_NaN();
  const PairView* pair = nullptr;  // null: no baseline in the study
};

/// The pairs of one metric between two modalities.
struct PairTable {
  std::string metric;  // "mutual_knn(k=10, n=1000, clamp=0.95/layer, l2)"
  std::string modality_a, modality_b;
  std::vector<const ModelSummary*> rows, columns;  // trained, then random twins, then trivial
  std::vector<PairView> pairs;                     // rows by columns order
  double chance = std::numeric_limits<double>::quiet_NaN();
  double largest = 0;  // of the defined values and cells

  [[nodiscard]] const PairView* find(const ModelSummary* a, const ModelSummary* b) const;
  [[nodiscard]] Baseline baseline(const PairView& pair) const;
  [[nodiscard]] std::vector<const PairView*> trained() const;
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

 private:
  const StudyResult& study_;
  std::deque<ModelSummary> undescribed_;
  std::vector<PairTable> tables_;
};

/// "mutual_knn(k=10, n=1000, clamp=0.95/layer, l2)": everything that the number depends on.
[[nodiscard]] std::string metric_label(const PairScore& score);

}  // namespace consilience::engine
