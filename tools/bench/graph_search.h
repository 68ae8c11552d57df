#pragma once
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "kernels/base/matrix.h"
#include "kernels/ops/neighbors.h"
#include "tools/bench/device_meter.h"

namespace consilience::bench {

struct TimedSearch {
  double seconds = 0;       // wall
  double cpu_s = 0;         // of all threads, user and system
  int64_t page_faults = 0;  // near 0 where memory was warm
  kernels::NeighborWork work;
};

/// The neighbours of all rows among all rows, as often as asked for, into the same lists.
class GraphSearch {
 public:
  /// `rows` [n, d] must outlive it. `cosine`: with row scales, which every search computes anew.
  GraphSearch(const kernels::Context& context, const Matrix<float>& rows, int k, bool cosine,
              kernels::Similarity similarity);
  [[nodiscard]] TimedSearch run_timed();
  /// Throws Error(never) unless the last search's lists of these rows are the reference's, bit for
  /// bit.
  void check(const std::set<int64_t>& sample) const;

  /// What the last search, on CUDA, can be held against.
  [[nodiscard]] ProductsAlone products_alone(std::string_view arithmetic, int rounds);
  [[nodiscard]] double upload_seconds(int rounds) const;

 private:
  struct Lists {
    Lists(int64_t q, int k);
    kernels::NeighborLists out();

    Matrix<int32_t> index;
    Matrix<double> score;
    std::vector<double> next_score;
    std::vector<int32_t> ties;
  };

  kernels::NeighborWork search();
  [[nodiscard]] kernels::Conditioned conditioned() const;

  kernels::Context context_;
  const Matrix<float>& rows_;
  bool cosine_;
  std::vector<int64_t> self_;
  std::vector<double> scales_;
  kernels::NeighborParams params_;
  Lists lists_;
};

/// `count` rows of 0 .. n-1 for a check, or all of them.
[[nodiscard]] std::set<int64_t> sampled_rows(int64_t count, int64_t n, uint64_t seed);

/// Memory of this process now.
[[nodiscard]] int64_t resident_bytes();

}  // namespace consilience::bench
