#include "engine/tasks/zoo_grid.h"

#include "engine/metrics/score_pair.h"

namespace consilience::engine {

ZooGrid::ZooGrid(const kernels::Context& context, const MetricSpec& metric, int64_t rows,
                 std::vector<Member> side_a, std::vector<Member> side_b, const SampleLabels& labels)
    : members_a_(std::move(side_a)), members_b_(std::move(side_b)) {
  const auto stack = [&](const std::vector<Member>& members, auto& blocks) {
    ModelInput all = {.model = "zoo",
                      .rows = rows,
                      .layers = {},
                      .classes = labels.classes,
                      .groups = labels.groups};
    for (const Member& member : members) {
      const ModelInput one = model_input(member.name, rows, nullptr, &member.features, labels);
      blocks[member.name] = {std::ssize(all.layers), std::ssize(one.layers)};
      all.layers.insert(all.layers.end(), one.layers.begin(), one.layers.end());
    }
    return all;
  };
  a_ = stack(members_a_, blocks_a_);
  b_ = stack(members_b_, blocks_b_);
  grid_ = prepare_metric(context, metric, a_, b_);
}

const Matrix<double>& ZooGrid::values(std::span<const int32_t> relabelling) {
  {
    const std::lock_guard lock(guard_);
    const auto known = known_.find(relabelling.data());
    if (known != known_.end()) return known->second;
  }
  Matrix<double> fresh = grid_.values(relabelling);
  const std::lock_guard lock(guard_);
  return known_.try_emplace(relabelling.data(), std::move(fresh)).first->second;
}

PreparedGrid ZooGrid::pair(const std::string& model_a, const std::string& model_b) {
  const Block a = blocks_a_.at(model_a);
  const Block b = blocks_b_.at(model_b);
  const int64_t width = std::ssize(b_.layers);
  PreparedGrid part;
  part.rows = grid_.rows;
  part.chance = grid_.chance;
  part.remarks = grid_.remarks;
  part.parallel_inside = grid_.parallel_inside;
  for (int64_t i = 0; i < a.layers; ++i)
    for (int64_t j = 0; j < b.layers; ++j)
      part.reasons.push_back(
          grid_.reasons[static_cast<size_t>((a.first + i) * width + b.first + j)]);
  part.values = [this, a, b](std::span<const int32_t> relabelling) {
    const Matrix<double>& whole = values(relabelling);
    Matrix<double> cells(a.layers, b.layers);
    for (int64_t i = 0; i < a.layers; ++i)
      for (int64_t j = 0; j < b.layers; ++j) cells(i, j) = whole(a.first + i, b.first + j);
    return cells;
  };
  return part;
}

}  // namespace consilience::engine
