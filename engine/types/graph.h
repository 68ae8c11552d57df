#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/matrix.h"

namespace consilience::engine {

/// Facts about one layer's graph that the report and the caveats need.
struct GraphFacts {
  double clamp_threshold = 0;     // 0: nothing clamped
  bool clamp_off_sparse = false;  // the quantile was 0: nothing was clamped
  int64_t exact_duplicates = 0;   // rows that equal an earlier row after conditioning
  int64_t max_in_degree = 0;   // over the first k columns: how often the most popular row is listed
  int64_t rows_with_ties = 0;  // rows whose k-th place is decided by index
  int facts_k = 0;             // the k of the two above
};

/// Exact nearest neighbours of one layer, best first.
struct NeighborGraph {
  Matrix<int32_t> index;           // [n, K]
  Matrix<double> score;            // [n, K]
  std::vector<double> next_score;  // [n] the (K+1)-th, NaN where there is none
  std::vector<int32_t> ties;       // [n] rows outside the list that score like the K-th
  GraphFacts facts;
  std::string
      reason;  // not empty: undefined (a constant layer, a zero row ..) and the lists are empty

  [[nodiscard]] int64_t rows() const { return index.rows(); }
  [[nodiscard]] int capacity() const { return static_cast<int>(index.cols()); }  // K
};

struct LayerGraph {
  std::string layer;
  std::string pooling;
  NeighborGraph graph;
};

/// The graphs of all layers of one model.
struct ModelGraphs {
  std::string model;     // name
  std::string modality;  // "vision", "text", or "" for bare files
  int64_t rows = 0;      // n
  std::vector<LayerGraph> layers;
};

}  // namespace consilience::engine
