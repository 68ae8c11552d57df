#include "engine/base/cancel.h"

#include <gtest/gtest.h>

#include <csignal>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

TEST(Cancel, SignalAsksForAStop) {
  clear_cancel();
  install_cancel_signals();
  EXPECT_NO_THROW(throw_if_cancelled());
  std::raise(SIGTERM);
  EXPECT_TRUE(cancelled());
  try {
    throw_if_cancelled();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::cancelled);
  }
  clear_cancel();
  EXPECT_FALSE(cancelled());
}

TEST(CancelDeathTest, SecondSignalEndsTheProcess) {
  clear_cancel();
  EXPECT_EXIT(
      {
        install_cancel_signals();
        std::raise(SIGINT);
        std::raise(SIGTERM);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace consilience::engine
