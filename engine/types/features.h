#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/base/matrix.h"

namespace consilience::engine {

/// One tensor of a model's features: a layer under a pooling. Its stored name is
/// "<layer>/<pooling>".
struct FeatureSlot {
  std::string layer;
  std::string pooling;
  int64_t width = 0;  // d
  [[nodiscard]] std::string name() const { return layer + "/" + pooling; }
};

/// Consecutive rows of every slot; what extraction hands to a sink. Rows of bad samples are zero.
struct FeatureChunk {
  int64_t first_row = 0;
  int64_t rows = 0;
  std::vector<Matrix<float>> slots;       // [slot] -> [rows, d]
  std::vector<std::string> scalar_names;  // "nll", "tokens", "bytes"
  Matrix<float> scalars;                  // [rows, scalars]
};

/// Takes chunks in row order. After accept() returns, the chunk is durable.
class FeatureSink {
 public:
  virtual ~FeatureSink() = default;
  /// True when the chunk that starts at this row is already there (a resumed run): extraction skips
  /// it.
  [[nodiscard]] virtual bool has_chunk(int64_t first_row) const = 0;
  virtual void accept(const FeatureChunk& chunk) = 0;
};

/// Features at rest: the valid rows of a data set, in order.
class FeatureView {
 public:
  virtual ~FeatureView() = default;
  [[nodiscard]] virtual int64_t rows() const = 0;  // n
  [[nodiscard]] virtual const std::vector<FeatureSlot>& slots() const = 0;
  /// Rows [begin, end) of slot s, as float32 (f16 and bf16 widen exactly).
  virtual void read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const = 0;
  /// What these features are, for hashing what is made of them.
  [[nodiscard]] virtual std::string digest() const = 0;
};

/// All rows of a slot.
inline Matrix<float> read_all(const FeatureView& features, int64_t slot) {
  Matrix<float> x(features.rows(), features.slots()[static_cast<size_t>(slot)].width);
  features.read(slot, 0, features.rows(), x.view());
  return x;
}

}  // namespace consilience::engine
