#include "engine/schedule/run_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "engine/base/cancel.h"

namespace consilience::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A table of one kind whose tasks remember that they ran, and fail where told to.
struct Recorder {
  std::set<std::string> done, fails;
  std::vector<std::string> ran, released;
  Failure failure = Failure::never;

  TaskTable table() {
    return {{"work",
             {[this](const Task& t) { return done.contains(t.label); },
              [this](const Task& t) {
                if (fails.contains(t.label)) throw Error(failure, t.label + " can't");
                ran.push_back(t.label);
                done.insert(t.label);
              },
              [this](const Task& t) { released.push_back(t.label); }}}};
  }
};

/// a -> c, b -> c, c -> d; e alone.
Plan diamond() {
  Task a = make_task("work", "a", "a", {}), b = make_task("work", "b", "b", {});
  Task c = make_task("work", "c", "c", {a.id, b.id}), d = make_task("work", "d", "d", {c.id});
  return {a, b, c, d, make_task("work", "e", "e", {})};
}

TEST(RunPlan, RunsEverythingInOrderAndReleasesWhatIsSpent) {
  Recorder r;
  const RunSummary summary = run_plan(diamond(), r.table());
  EXPECT_THAT(r.ran, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(r.released, ElementsAre("a", "b", "c"));
  EXPECT_EQ(summary.ran, 5);
}

TEST(RunPlan, LeavesAloneWhatOnlyFinishedTasksNeed) {
  Recorder r;
  r.done = {"c"};  // a and b are not there any more, and nobody needs them
  const RunSummary summary = run_plan(diamond(), r.table());
  EXPECT_THAT(r.ran, ElementsAre("d", "e"));
  EXPECT_EQ(summary.kept, 3);
}

TEST(RunPlan, DoesNothingWhenAllIsDone) {
  Recorder r;
  r.done = {"d", "e"};
  EXPECT_EQ(run_plan(diamond(), r.table()).ran, 0);
  EXPECT_THAT(r.ran, IsEmpty());
}

TEST(RunPlan, AnInputThatCanNeverSucceedBlocksOnlyItsUsers) {
  Recorder r;
  r.fails = {"b"};
  const RunSummary summary = run_plan(diamond(), r.table());
  EXPECT_THAT(r.ran, ElementsAre("a", "e"));
  EXPECT_EQ(summary.blocked, 2);
  ASSERT_EQ(summary.failures.size(), 1u);
  EXPECT_EQ(summary.failures[0].message, "b can't");
}

TEST(RunPlan, AFullDiskEndsTheRun) {
  Recorder r;
  r.fails = {"b"};
  r.failure = Failure::transient;
  EXPECT_THROW(run_plan(diamond(), r.table()), Error);
  EXPECT_THAT(r.ran, ElementsAre("a"));
}

TEST(RunPlan, StopsBetweenTasksWhenCancelled) {
  Recorder r;
  TaskTable table = r.table();
  table["work"].run = [&](const Task& t) {
    r.ran.push_back(t.label);
    request_cancel();
  };
  EXPECT_THROW(run_plan(diamond(), table), Error);
  clear_cancel();
  EXPECT_THAT(r.ran, ElementsAre("a"));
}

TEST(MakeTask, TheIdIsAFunctionOfKindAndInputs) {
  EXPECT_EQ(make_task("work", "x", 1, {}).id, make_task("work", "y", 1, {}).id);
  EXPECT_NE(make_task("work", "x", 1, {}).id, make_task("work", "x", 2, {}).id);
  EXPECT_NE(make_task("work", "x", 1, {}).id, make_task("play", "x", 1, {}).id);
}

}  // namespace
}  // namespace consilience::engine
