#include "engine/base/subprocess.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "engine/base/cancel.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

TEST(Subprocess, OutputAndExitCode) {
  const ProcessResult result = run_process({"sh", "-c", "printf 'a\\nb'; exit 3"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "a\nb");
  EXPECT_EQ(result.error_tail, "");
}

TEST(Subprocess, LargeOutputOnBothStreams) {
  testing::internal::CaptureStderr();
  const ProcessResult result = run_process(
      {"sh", "-c", "head -c 300000 /dev/zero | tee /dev/stderr | tr '\\0' x; echo end >&2"});
  const std::string passed_on = testing::internal::GetCapturedStderr();
  EXPECT_EQ(result.output, std::string(300000, 'x'));
  EXPECT_EQ(result.error_tail.size(), 4096U);
  EXPECT_TRUE(result.error_tail.ends_with("end\n"));
  EXPECT_EQ(passed_on.size(), 300004U);
}

TEST(Subprocess, SignalIsSeen) {
  EXPECT_EQ(run_process({"sh", "-c", "kill -SEGV $$"}).exit_code, 128 + SIGSEGV);
}

TEST(Subprocess, EnvironmentIsExtendedAndReplaced) {
  setenv("SUBPROCESS_TEST", "old", 1);
  EXPECT_EQ(run_process({"sh", "-c", "echo $SUBPROCESS_TEST"}).output, "old\n");
  EXPECT_EQ(run_process({"sh", "-c", "echo $SUBPROCESS_TEST"}, {"SUBPROCESS_TEST=new"}).output,
            "new\n");
  unsetenv("SUBPROCESS_TEST");
}

TEST(Subprocess, MissingProgramIsNamed) {
  try {
    run_process({"no-such-program-anywhere"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::transient);
    EXPECT_STREQ(error.what(),
                 "no-such-program-anywhere: can't be started: No such file or directory");
  }
}

TEST(Subprocess, GrandchildThatKeepsTheStreamsOpenIsNotWaitedFor) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run_process({"sh", "-c", "sleep 20 & echo $!"}).exit_code, 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Subprocess, CancelStopsTheChild) {
  clear_cancel();
  std::thread later([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    request_cancel();
  });
  const auto start = std::chrono::steady_clock::now();
  try {
    run_process({"sleep", "30"});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::cancelled);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  later.join();
  clear_cancel();
}

TEST(Subprocess, ChildDiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t parent = fork();
  if (parent == 0) {  // runs a child that tells its id, then waits for good
    run_process({"sh", "-c", "echo $$ >&" + std::to_string(ends[1]) + "; exec sleep 60"});
    _exit(0);
  }
  close(ends[1]);
  char text[32] = {};
  ASSERT_GT(read(ends[0], text, sizeof text - 1), 0);
  const auto child = static_cast<pid_t>(std::atol(text));
  ASSERT_EQ(kill(child, 0), 0);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  // The child held the pipe's other end: it is gone when the pipe is at its end.
  EXPECT_EQ(read(ends[0], text, sizeof text), 0);
  close(ends[0]);
}

TEST(Python, EnvironmentComesFirst) {
  unsetenv("CONSILIENCE_PYTHON");
  EXPECT_EQ(python().filename(), "python");
  setenv("CONSILIENCE_PYTHON", "/opt/other/python3", 1);
  EXPECT_EQ(python(), "/opt/other/python3");
  unsetenv("CONSILIENCE_PYTHON");
}

}  // namespace
}  // namespace consilience::engine
