#include "engine/inference/relabellings.h"

#include <algorithm>
#include <map>

#include "engine/base/hash.h"
#include "kernels/base/error.h"
#include "kernels/base/philox.h"

namespace consilience::engine {
namespace {

void expect_plan(const NullPlan& plan, const std::string& unit_a, const std::string& unit_b) {
  expect(unit_a != unit_b,
         "both sides belong to the unit '{}': one permutation for both would change nothing; give "
         "the models different names",
         unit_a);
  expect(plan.permutations >= 1, "{} permutations; expected at least 1", plan.permutations);
}

/// The rows of every group, in order; groups in order of appearance.
std::vector<std::vector<int32_t>> rows_by_group(const std::vector<int32_t>& groups) {
  std::map<int32_t, size_t> place;
  std::vector<std::vector<int32_t>> rows;
  for (size_t i = 0; i < groups.size(); ++i) {
    const auto [found, fresh] = place.try_emplace(groups[i], rows.size());
    if (fresh) rows.emplace_back();
    rows[found->second].push_back(static_cast<int32_t>(i));
  }
  return rows;
}

}  // namespace

std::string null_unit(const std::string& model, const std::string& modality,
                      const std::string& partner_modality) {
  const bool across =
      !modality.empty() && !partner_modality.empty() && modality != partner_modality;
  return across ? modality : model;
}

Relabellings draw_relabellings(const NullPlan& plan, const std::string& unit_a,
                               const std::string& unit_b, int64_t n) {
  expect_plan(plan, unit_a, unit_b);
  expect(plan.blocks.empty() || static_cast<int64_t>(plan.blocks.size()) == n,
         "{} block ids for {} rows", plan.blocks.size(), n);
  const uint32_t a = unit_id(unit_a);
  const uint32_t b = unit_id(unit_b);
  Relabellings relabellings;
  std::vector<int32_t> inverse(static_cast<size_t>(n));
  for (uint32_t p = 0; p < static_cast<uint32_t>(plan.permutations); ++p) {
    const auto draw = [&](uint32_t unit) {
      return kernels::permutation(plan.seed, p, kernels::Purpose::permutation, unit, n,
                                  plan.blocks);
    };
    const std::vector<int32_t> to_b = draw(b);
    for (size_t i = 0; i < to_b.size(); ++i)
      inverse[static_cast<size_t>(to_b[i])] = static_cast<int32_t>(i);
    std::vector<int32_t> composed = draw(a);
    for (int32_t& row : composed) row = inverse[static_cast<size_t>(row)];
    relabellings.push_back(std::move(composed));
  }
  return relabellings;
}

Relabellings draw_group_relabellings(const NullPlan& plan, const std::string& unit_a,
                                     const std::string& unit_b,
                                     const std::vector<int32_t>& groups) {
  expect_plan(plan, unit_a, unit_b);
  const auto rows = rows_by_group(groups);
  for (const auto& members : rows)
    expect(members.size() == rows.front().size(),
           "whole-group permutation needs groups of one size: group {} has {} rows, group {} has "
           "{}",
           groups[static_cast<size_t>(rows.front().front())], rows.front().size(),
           groups[static_cast<size_t>(members.front())], members.size());
  NullPlan of_groups = plan;
  of_groups.blocks.clear();
  const Relabellings moves =
      draw_relabellings(of_groups, unit_a, unit_b, static_cast<int64_t>(rows.size()));
  Relabellings relabellings;
  for (const auto& move : moves) {
    std::vector<int32_t> relabelling(groups.size());
    for (size_t g = 0; g < rows.size(); ++g)
      for (size_t m = 0; m < rows[g].size(); ++m)
        relabelling[static_cast<size_t>(rows[g][m])] = rows[static_cast<size_t>(move[g])][m];
    relabellings.push_back(std::move(relabelling));
  }
  return relabellings;
}

}  // namespace consilience::engine
