#include "engine/schedule/run_plan.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "engine/base/cancel.h"

namespace consilience::engine {
namespace {

/// The ids that have to run: walked from the back, so that what only finished tasks need is left
/// alone.
std::unordered_set<std::string> unfinished(const Plan& plan, const TaskTable& kinds) {
  std::unordered_set<std::string> needed, run;
  std::unordered_set<std::string> has_user;
  for (const Task& task : plan) has_user.insert(task.needs.begin(), task.needs.end());
  for (auto task = plan.rbegin(); task != plan.rend(); ++task) {
    const bool wanted = !has_user.contains(task->id) || needed.contains(task->id);
    if (!wanted || kinds.at(task->kind).done(*task)) continue;
    run.insert(task->id);
    needed.insert(task->needs.begin(), task->needs.end());
  }
  return run;
}

}  // namespace

Task make_task(std::string kind, std::string label, Json inputs, std::vector<std::string> needs) {
  std::string id = hash_of({{"kind", kind}, {"inputs", inputs}});
  return {std::move(id), std::move(kind), std::move(label), std::move(inputs), std::move(needs)};
}

RunSummary run_plan(const Plan& plan, const TaskTable& kinds) {
  const auto to_run = unfinished(plan, kinds);
  std::unordered_map<std::string, int> users_left;
  for (const Task& task : plan)
    for (const auto& id : task.needs) ++users_left[id];
  std::unordered_map<std::string, const Task*> by_id;
  for (const Task& task : plan) by_id[task.id] = &task;

  RunSummary summary;
  std::set<std::string> unreachable;
  for (const Task& task : plan) {
    const bool blocked = std::any_of(task.needs.begin(), task.needs.end(),
                                     [&](const auto& id) { return unreachable.contains(id); });
    if (!to_run.contains(task.id)) {
      ++summary.kept;
    } else if (blocked) {
      ++summary.blocked;
      unreachable.insert(task.id);
      continue;
    } else {
      throw_if_cancelled();
      try {
        kinds.at(task.kind).run(task);
        ++summary.ran;
      } catch (const Error& error) {
        if (error.kind() != Failure::never) throw;
        summary.failures.push_back({task.label, error.what(), error.kind()});
        unreachable.insert(task.id);
        continue;
      }
    }
    for (const auto& id : task.needs) {
      if (--users_left[id] > 0) continue;
      const Task& spent = *by_id.at(id);
      if (const auto& release = kinds.at(spent.kind).release) release(spent);
    }
  }
  return summary;
}

}  // namespace consilience::engine
