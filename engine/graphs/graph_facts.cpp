#include "engine/graphs/graph_facts.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <unordered_map>
#include <vector>

namespace consilience::engine {
namespace {

/// A value as it is compared; adding +0 turns -0 into 0.
float compared(float v, float clamp) {
  const float above = v < -clamp ? -clamp : v;
  return (above > clamp ? clamp : above) + 0.0F;
}

/// Equal rows fall into one bucket. Several chains of multiplications, which do not wait for each
/// other.
size_t bucket(std::span<const float> row, float clamp) {
  constexpr size_t kChains = 8;
  constexpr uint64_t kFactor = 0x9E3779B97F4A7C15;
  uint64_t chain[kChains] = {};
  size_t f = 0;
  for (; f + 2 * kChains <= row.size(); f += 2 * kChains) {
    float values[2 * kChains];
    uint64_t words[kChains];
    for (size_t v = 0; v < 2 * kChains; ++v) values[v] = compared(row[f + v], clamp);
    std::memcpy(words, values, sizeof words);
    for (size_t c = 0; c < kChains; ++c) chain[c] = (std::rotl(chain[c], 29) ^ words[c]) * kFactor;
  }
  uint64_t hash = row.size();
  for (; f < row.size(); ++f)
    hash = (hash ^ std::bit_cast<uint32_t>(compared(row[f], clamp))) * kFactor;
  for (const uint64_t part : chain) hash = (std::rotl(hash, 29) ^ part) * kFactor;
  return hash ^ hash >> 32;
}

}  // namespace

int64_t count_duplicates(MatrixView<const float> x, float clamp) {
  std::unordered_multimap<size_t, int64_t> distinct;
  int64_t duplicates = 0;
  const auto same = [clamp](float a, float b) { return compared(a, clamp) == compared(b, clamp); };
  for (int64_t i = 0; i < x.rows(); ++i) {
    const auto row = x.row(i);
    const size_t hash = bucket(row, clamp);
    const auto [first, last] = distinct.equal_range(hash);
    const bool seen = std::any_of(first, last, [&](const auto& entry) {
      return std::ranges::equal(row, x.row(entry.second), same);
    });
    if (seen) {
      ++duplicates;
    } else {
      distinct.emplace(hash, i);
    }
  }
  return duplicates;
}

void add_list_facts(const NeighborGraph& graph, int k, GraphFacts& facts) {
  std::vector<int64_t> in_degree(static_cast<size_t>(graph.rows()), 0);
  for (int64_t i = 0; i < graph.rows(); ++i) {
    for (const int32_t j : graph.index.row(i).first(static_cast<size_t>(k)))
      ++in_degree[static_cast<size_t>(j)];
    const bool tie = k < graph.capacity() ? graph.score(i, k - 1) == graph.score(i, k)
                                          : graph.ties[static_cast<size_t>(i)] > 0;
    facts.rows_with_ties += tie ? 1 : 0;
  }
  facts.max_in_degree = in_degree.empty() ? 0 : std::ranges::max(in_degree);
  facts.facts_k = k;
}

}  // namespace consilience::engine
