#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/base/candidate_belief.h"
#include "kernels/cuda/packed_rows.h"

namespace consilience::kernels::cuda {

namespace device {

/// The candidates of some queries: columns whose upper end reaches a threshold that is believed to
/// lie below the (k+1)-th best score (docs/numerics.md).
struct Lists {
  float* ends;  // [rows, 2, stride]: the score is at most the first, believed to be at least the
                // second; later [rows, stride] exact scores in double
  int32_t* column;   // [rows, stride]
  int32_t* count;    // [rows]
  int32_t* limit;    // [rows] when to compact next
  float* threshold;  // [rows] kNothing: given up
  int64_t stride;    // room and a warp's worth beyond
  int64_t room;
  int64_t keep;  // k + 1
  int64_t gallery;
  float width;  // how far below its middle a score is believed to lie, in errors of its pair
};

/// Who is no neighbour of whom. Any may be null.
struct Barred {
  const int32_t* column;         // [queries] the place that has no row for it, or -1
  const int32_t* query_group;    // [queries]
  const int32_t* gallery_group;  // [gallery]
};

}  // namespace device

/// Device memory of lists, on the current device.
class CandidateLists {
 public:
  CandidateLists(int64_t rows, int64_t gallery, int64_t features, int k);

  /// Empties the lists of the first `bounds.rows()` rows; rows that fit no product are given up.
  void start(const PackedRows& queries, const Stream& stream);

  /// Compacts rows [begin, end), which have met `seen` columns.
  void compact(const device::Bounds& queries, int64_t begin, int64_t end, int64_t seen,
               const Stream& stream);

  [[nodiscard]] device::Lists view() const;
  [[nodiscard]] std::vector<float> thresholds(const Stream& stream) const {
    return threshold_.download(rows_, stream);
  }

  /// The candidates of rows [begin, end), one row's after another's, and their exact scores.
  struct Found {
    std::vector<int32_t> end;  // [rows] of each row's candidates
    std::vector<int32_t> column;
    std::vector<double> exact;
    [[nodiscard]] std::pair<size_t, size_t> range(int64_t row) const {
      const auto at = static_cast<size_t>(row);
      return {at == 0 ? 0 : static_cast<size_t>(end[at - 1]), static_cast<size_t>(end[at])};
    }
  };
  [[nodiscard]] Found found(int64_t begin, int64_t end, const Stream& stream) const;

  /// Device bytes of a row.
  [[nodiscard]] static int64_t bytes_a_row(int k) { return stride(k) * 12 + 12; }

 private:
  static int64_t stride(int k);

  int64_t rows_ = 0;
  int k_;
  int64_t gallery_;
  float width_;
  DeviceBuffer<float> ends_;
  DeviceBuffer<int32_t> column_;
  DeviceBuffer<int32_t> count_;
  DeviceBuffer<int32_t> limit_;
  DeviceBuffer<float> threshold_;
};

}  // namespace consilience::kernels::cuda
