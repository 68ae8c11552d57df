#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace consilience::engine {

/// Recordings that run together: all of one length, so that nothing is padded and no network's
/// group norm sees padding.
struct WaveformBatch {
  std::vector<int64_t> rows;
  int64_t samples = 0;  // of each
};

/// Rows sorted by length (longest first, ties by row), `samples` at most in a batch; a row that is
/// longer by itself runs alone. lengths[i] is of rows[i]. A pure function of its arguments.
[[nodiscard]] std::vector<WaveformBatch> plan_waveform_batches(std::span<const int64_t> rows,
                                                               std::span<const int64_t> lengths,
                                                               int64_t samples);

}  // namespace consilience::engine
