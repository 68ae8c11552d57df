#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace consilience::engine {

/// What a causal model needs to write a set of texts down, in bits per UTF-8 byte: lower is better,
/// and tokenizers do not enter it. sum(nll) / (ln 2 * sum(bytes)), NaN where nothing is predicted.
struct BitsPerByte {
  double value = std::numeric_limits<double>::quiet_NaN();
  double nats = 0;           // sum of the negative log-likelihoods
  int64_t predicted = 0;     // tokens
  int64_t bytes = 0;         // of the text that all valid tokens stand for
  int64_t unpredicted = 0;   // documents of one token, which nothing predicts
  std::vector<double> each;  // [n] of every document; NaN for those of one token
};

/// All [n]: nll in nats, predicted tokens, bytes of text.
[[nodiscard]] BitsPerByte bits_per_byte(std::span<const float> nll, std::span<const float> tokens,
                                        std::span<const float> bytes);

}  // namespace consilience::engine
