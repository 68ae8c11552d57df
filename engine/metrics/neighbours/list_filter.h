#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/overlap.h"

namespace consilience::engine {

/// Answers quickly whether a row's list of k names another: a few bits a row, by the low bits of
/// what it names, say no nearly always where the answer is no.
class ListFilter {
 public:
  /// Looks into `lists`.
  ListFilter(kernels::ListView lists, int k);

  /// How many of a's first-k entries b's lists (the filter's) name too, a relabelled.
  [[nodiscard]] int64_t shared(kernels::ListView a, std::span<const int32_t> relabelling) const;

 private:
  kernels::ListView lists_;
  size_t k_;
  uint32_t mask_;                // bits a row - 1, a power of two - 1
  size_t words_;                 // a row
  std::vector<uint64_t> named_;  // [n, words]
};

}  // namespace consilience::engine
