#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "kernels/base/error.h"

namespace consilience::engine {

/// One piece of work. The id is a hash of every input, so an id is the work's identity on any
/// machine.
struct Task {
  std::string id;                  // 64 hex digits
  std::string kind;                // "extract", "graph", "compare", "infer", "report"
  std::string label;               // for people: "graph minilm-l6"
  Json inputs;                     // what the id hashes
  std::vector<std::string> needs;  // ids that come first
};

/// Tasks in an order in which every task stands after those it needs.
using Plan = std::vector<Task>;

/// Makes a task, with its id from kind and inputs.
[[nodiscard]] Task make_task(std::string kind, std::string label, Json inputs,
                             std::vector<std::string> needs);

/// What the scheduler knows of a kind of task: functions handed to it.
struct TaskKind {
  std::function<bool(const Task&)> done;  // from the store alone
  std::function<void(const Task&)> run;
  std::function<void(const Task&)> release = {};  // every task that needs it is done; may be empty
};
using TaskTable = std::map<std::string, TaskKind>;

struct TaskFailure {
  std::string label;
  std::string message;
  Failure kind;
};

struct RunSummary {
  int ran = 0;                        // done now
  int kept = 0;                       // were done, or nobody needs them any more
  int blocked = 0;                    // not tried: something they need failed
  std::vector<TaskFailure> failures;  // in plan order
};

}  // namespace consilience::engine
