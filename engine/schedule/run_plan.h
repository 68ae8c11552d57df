#pragma once
#include "engine/schedule/task.h"

namespace consilience::engine {

/// Does what is left of a plan, in order, in this process. A task runs only if it is not done and
/// something that is not done needs it (or nothing does: the last ones). A task that fails for its
/// own input (Failure::never) blocks what needs it, and the rest goes on; any other failure ends
/// the run at once, as it would meet the next task too.
RunSummary run_plan(const Plan& plan, const TaskTable& kinds);

}  // namespace consilience::engine
