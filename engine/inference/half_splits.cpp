#include "engine/inference/half_splits.h"

#include <algorithm>
#include <unordered_map>

#include "engine/base/cancel.h"
#include "engine/metrics/neighbours/usable_lists.h"
#include "engine/metrics/score_pair.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

/// One half of one split.
struct Half {
  std::vector<uint8_t> member;    // [n]
  std::vector<int32_t> rows;      // its members, ascending
  std::vector<int32_t> position;  // [n] place among the members, -1 outside
};

Half make_half(const std::vector<uint8_t>& sides, uint8_t side) {
  Half half;
  half.member.resize(sides.size());
  half.position.assign(sides.size(), -1);
  for (size_t i = 0; i < sides.size(); ++i) {
    if (sides[i] != side) continue;
    half.member[i] = 1;
    half.position[i] = static_cast<int32_t>(half.rows.size());
    half.rows.push_back(static_cast<int32_t>(i));
  }
  return half;
}

/// Both halves of every split, in the order of HalfGraphs::lists.
std::vector<Half> make_halves(const HalfSplits& splits) {
  std::vector<Half> halves;
  for (const auto& sides : splits.half) {
    halves.push_back(make_half(sides, 0));
    halves.push_back(make_half(sides, 1));
  }
  return halves;
}

/// The first k listed members of every row; returns the places of rows that list fewer.
std::vector<int32_t> filter_lists(MatrixView<const int32_t> lists, const Half& half, int k,
                                  MatrixView<int32_t> out) {
  std::vector<int32_t> too_short;
  for (int64_t r = 0; r < out.rows(); ++r) {
    int found = 0;
    for (const int32_t j : lists.row(half.rows[static_cast<size_t>(r)])) {
      const int32_t place = half.position[static_cast<size_t>(j)];
      if (place < 0) continue;
      out(r, found) = place;
      if (++found == k) break;
    }
    if (found < k) too_short.push_back(static_cast<int32_t>(r));
  }
  return too_short;
}

void redo_lists(const RedoRows& redo, int64_t layer, const Half& half,
                const std::vector<int32_t>& places, MatrixView<int32_t> out) {
  std::vector<int32_t> rows;
  for (const int32_t place : places) rows.push_back(half.rows[static_cast<size_t>(place)]);
  Matrix<int32_t> fresh(static_cast<int64_t>(rows.size()), out.cols());
  redo(layer, rows, half.member, static_cast<int>(out.cols()), fresh.view());
  for (size_t r = 0; r < places.size(); ++r) {
    std::ranges::transform(fresh.row(static_cast<int64_t>(r)), out.row(places[r]).begin(),
                           [&](int32_t j) { return half.position[static_cast<size_t>(j)]; });
  }
}

/// How many rows of the half every row may at least choose from.
int64_t fewest_eligible(const Half& half, const std::vector<int32_t>& groups) {
  int64_t largest = 1;
  std::unordered_map<int32_t, int64_t> size;
  for (const int32_t row : half.rows) {
    if (!groups.empty()) largest = std::max(largest, ++size[groups[static_cast<size_t>(row)]]);
  }
  return std::ssize(half.rows) - largest;
}

std::string half_too_small(const std::vector<Half>& halves, const std::vector<int32_t>& groups,
                           int k) {
  if (halves.empty()) return "no splits";
  for (const auto& half : halves) {
    const int64_t eligible = fewest_eligible(half, groups);
    if (eligible < k)
      return fmt::format("a half of {} rows leaves a row {} to choose from; k = {} needs as many",
                         half.rows.size(), eligible, k);
  }
  return "";
}

}  // namespace

std::vector<int32_t> HalfSplits::rows(size_t h) const {
  return make_half(half[h / 2], static_cast<uint8_t>(h % 2)).rows;
}

HalfGraphs half_split_graphs(const ModelGraphs& model, int k, const HalfSplits& splits,
                             const RedoRows& redo) {
  for (const auto& sides : splits.half) {
    expect(static_cast<int64_t>(sides.size()) == model.rows, "halves of {} rows for a model of {}",
           sides.size(), model.rows);
  }
  const std::vector<Half> halves = make_halves(splits);
  HalfGraphs result;
  result.reason = half_too_small(halves, splits.groups, k);
  if (!result.reason.empty()) return result;
  result.lists.resize(halves.size());
  const ModelInput whole = graph_side(model);
  for (const int64_t layer : usable_lists(whole, k).layer) {
    throw_if_cancelled();
    const LayerGraph& stored = model.layers[static_cast<size_t>(layer)];
    for (size_t h = 0; h < halves.size(); ++h) {
      Matrix<int32_t> lists(static_cast<int64_t>(halves[h].rows.size()), k);
      const auto too_short = filter_lists(stored.graph.index.view(), halves[h], k, lists.view());
      if (!too_short.empty() && !redo) {
        result.lists.clear();
        result.reason = fmt::format(
            "{} {}/{}: {} rows keep fewer than k = {} of their {} listed neighbours in a half, and "
            "the features to find more are not kept",
            model.model, stored.layer, stored.pooling, too_short.size(), k,
            stored.graph.capacity());
        return result;
      }
      if (!too_short.empty()) redo_lists(redo, layer, halves[h], too_short, lists.view());
      result.lists[h].push_back(std::move(lists));
    }
  }
  return result;
}

}  // namespace consilience::engine
