#include "engine/graphs/graph_facts.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace consilience::engine {
namespace {

/// The row as it is compared; adding +0 turns -0 into 0.
void clamp_row(std::span<const float> row, float clamp, std::vector<float>& out) {
  out.resize(row.size());
  std::ranges::transform(row, out.begin(),
                         [clamp](float v) { return std::clamp(v, -clamp, clamp) + 0.0F; });
}

size_t bucket(const std::vector<float>& row) {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(row.data()), row.size() * sizeof(float)});
}

}  // namespace

int64_t count_duplicates(MatrixView<const float> x, float clamp) {
  std::unordered_multimap<size_t, int64_t> distinct;
  std::vector<float> row;
  std::vector<float> other;
  int64_t duplicates = 0;
  for (int64_t i = 0; i < x.rows(); ++i) {
    clamp_row(x.row(i), clamp, row);
    const size_t hash = bucket(row);
    const auto [first, last] = distinct.equal_range(hash);
    const bool seen = std::any_of(first, last, [&](const auto& entry) {
      clamp_row(x.row(entry.second), clamp, other);
      return other == row;
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
