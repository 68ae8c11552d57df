#include "engine/metrics/kernel/edge_patterns.h"

#include <algorithm>
#include <cstddef>

namespace consilience::engine {
namespace {

/// Block of each index; blocks are numbered in the order in which they first occur.
using Partition = std::vector<int>;

int blocks_of(const Partition& partition) { return *std::ranges::max_element(partition) + 1; }

void extend(Partition& so_far, size_t size, int blocks, std::vector<Partition>& all) {
  if (so_far.size() == size) {
    all.push_back(so_far);
    return;
  }
  for (int block = 0; block <= blocks; ++block) {
    so_far.push_back(block);
    extend(so_far, size, std::max(blocks, block + 1), all);
    so_far.pop_back();
  }
}

/// Which of the sums the graph of `partition` is: vertices are its blocks, edge e joins the indices
/// 2 e and 2 e + 1. -1: it vanishes. Without vertices of degree 1, the numbers of vertices and of
/// loops tell all graphs apart.
int sum_of(const Partition& partition) {
  std::vector<int> degree(partition.size());
  for (const int block : partition) ++degree[static_cast<size_t>(block)];
  if (std::ranges::find(degree, 1) != degree.end()) return -1;
  int loops = 0;
  for (size_t e = 0; e < partition.size(); e += 2) loops += partition[e] == partition[e + 1];
  const int vertices = blocks_of(partition);
  if (partition.size() == 4) return vertices == 1 ? 0 : loops == 2 ? 1 : 2;
  if (vertices == 1) return 0;
  if (vertices == 2) return 4 - loops;  // 3, 2, 1, 0 loops: 1, 2, 3, 4
  return loops == 3 ? 5 : loops == 1 ? 6 : 7;
}

/// The Moebius function of the partition lattice: the product over blocks of `coarse` of
/// (-1)^(m - 1) (m - 1)!, m the number of blocks of `fine` in it. 0: `coarse` is not coarser.
double moebius(const Partition& fine, const Partition& coarse) {
  std::vector<int> into(fine.size(), -1);
  for (size_t i = 0; i < fine.size(); ++i) {
    int& target = into[static_cast<size_t>(fine[i])];
    if (target >= 0 && target != coarse[i]) return 0;
    target = coarse[i];
  }
  double value = 1;
  std::vector<int> merged(fine.size());
  for (int block = 0; block < blocks_of(fine); ++block) {
    int& before = merged[static_cast<size_t>(into[static_cast<size_t>(block)])];
    if (before > 0) value *= -before;
    ++before;
  }
  return value;
}

std::vector<EdgePattern> patterns(size_t edges, size_t sums) {
  std::vector<Partition> all;
  Partition empty;
  extend(empty, 2 * edges, 0, all);
  std::vector<EdgePattern> result;
  for (const auto& fine : all) {
    EdgePattern pattern{blocks_of(fine), std::vector<double>(sums)};
    for (const auto& coarse : all)
      if (const int sum = sum_of(coarse); sum >= 0)
        pattern.weights[static_cast<size_t>(sum)] += moebius(fine, coarse);
    result.push_back(std::move(pattern));
  }
  return result;
}

double sum_over(const EdgePattern& pattern, const std::vector<double>& sums) {
  double total = 0;
  for (size_t s = 0; s < sums.size(); ++s) total += pattern.weights[s] * sums[s];
  return total;
}

}  // namespace

const std::vector<EdgePattern>& second_order_patterns() {
  static const auto all = patterns(2, kSecondOrderSums);
  return all;
}

const std::vector<EdgePattern>& third_order_patterns() {
  static const auto all = patterns(3, kThirdOrderSums);
  return all;
}

double expected_product(int64_t n, const std::vector<EdgePattern>& patterns,
                        const std::vector<double>& sums_k, const std::vector<double>& sums_l) {
  double expected = 0;
  for (const auto& pattern : patterns) {
    if (pattern.blocks > n) continue;  // no such indices
    double ways = 1;                   // n (n - 1) .. : placements of the blocks
    for (int b = 0; b < pattern.blocks; ++b) ways *= static_cast<double>(n - b);
    expected += sum_over(pattern, sums_k) * sum_over(pattern, sums_l) / ways;
  }
  return expected;
}

}  // namespace consilience::engine
