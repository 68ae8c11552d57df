#include "engine/audio/batches.h"

#include <algorithm>
#include <utility>

namespace consilience::engine {

std::vector<WaveformBatch> plan_waveform_batches(std::span<const int64_t> rows,
                                                 std::span<const int64_t> lengths,
                                                 int64_t samples) {
  std::vector<std::pair<int64_t, int64_t>> order;  // -length, row
  for (size_t i = 0; i < rows.size(); ++i) order.emplace_back(-lengths[i], rows[i]);
  std::ranges::sort(order);
  std::vector<WaveformBatch> batches;
  for (const auto& [negative, row] : order) {
    const int64_t length = -negative;
    const bool joins = !batches.empty() && batches.back().samples == length &&
                       (std::ssize(batches.back().rows) + 1) * length <= samples;
    if (!joins) batches.push_back({{}, length});
    batches.back().rows.push_back(row);
  }
  return batches;
}

}  // namespace consilience::engine
