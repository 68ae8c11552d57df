#pragma once
#include <cstdint>
#include <vector>

/// In what order rows and blocks meet: speed depends on it, never an answer.
namespace consilience::kernels {

struct BlockPair {
  int64_t first;
  int64_t second;
};

/// The pairs of different blocks, each once, along the diagonals of a circulant: (I, I + step) for
/// step 1, 2, .. so that every block meets the others at the same pace.
[[nodiscard]] std::vector<BlockPair> circulant_pairs(int64_t blocks);

/// 0 .. count-1 in a random order, always the same: data sorted by class would fill some lists
/// early and others late.
[[nodiscard]] std::vector<int32_t> shuffled(int64_t count);

}  // namespace consilience::kernels
