#include "engine/text/bits_per_byte.h"

#include <numbers>

#include "kernels/base/error.h"

namespace consilience::engine {

BitsPerByte bits_per_byte(std::span<const float> nll, std::span<const float> tokens,
                          std::span<const float> bytes) {
  expect(nll.size() == tokens.size() && nll.size() == bytes.size(),
         "bits per byte: {} nll, {} token counts, {} byte counts", nll.size(), tokens.size(),
         bytes.size());
  BitsPerByte sum;
  const auto bits = [](double nats, double length) { return nats / (std::numbers::ln2 * length); };
  for (size_t i = 0; i < nll.size(); ++i) {
    const bool predicts = tokens[i] > 0 && bytes[i] > 0;
    sum.each.push_back(predicts ? bits(nll[i], bytes[i])
                                : std::numeric_limits<double>::quiet_NaN());
    sum.nats += nll[i];
    sum.predicted += static_cast<int64_t>(tokens[i]);
    sum.bytes += static_cast<int64_t>(bytes[i]);
    if (!predicts) ++sum.unpredicted;
  }
  if (sum.predicted > 0 && sum.bytes > 0)
    sum.value = bits(sum.nats, static_cast<double>(sum.bytes));
  return sum;
}

}  // namespace consilience::engine
