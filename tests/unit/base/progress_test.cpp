#include "engine/base/progress.h"

#include <gtest/gtest.h>

#include "engine/base/progress_line.h"

namespace consilience::engine {
namespace {

TEST(ProgressLine, SaysRateAndTimeLeft) {
  ProgressState state{"minilm-l6", "captions", "", 120, 800, 2};
  EXPECT_EQ(progress_line(state), "minilm-l6: 120/800 captions, 60.0/s, 11 s left");
  state.note = "decoding waits";
  state.seconds = 2400;
  EXPECT_EQ(progress_line(state),
            "minilm-l6: 120/800 captions, 0.1/s, 3 h 46 min left (decoding waits)");
  state.total = 0;
  state.note.clear();
  EXPECT_EQ(progress_line(state), "minilm-l6: 120 captions, 0.1/s");
  state.done = 0;
  EXPECT_EQ(progress_line(state), "minilm-l6: 0 captions");
}

TEST(ProgressLine, FinishSaysTheTotal) {
  EXPECT_EQ(finish_line({"graphs", "layers", "", 30, 30, 1.5}),
            "graphs: 30 layers in 1.5 s, 20.0/s");
}

TEST(Progress, OffATerminalOneLineAtTheEnd) {
  testing::internal::CaptureStderr();
  {
    Progress progress("pairs", 100, "pairs");
    for (int i = 0; i < 100; ++i) progress.advance();
    progress.finish();
    progress.finish();
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.starts_with("pairs: 100 pairs in ")) << text;
  EXPECT_EQ(text.find('\r'), std::string::npos) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
}

TEST(Progress, QuietSaysNothing) {
  testing::internal::CaptureStderr();
  {
    Progress progress("pairs", 100, "pairs", true);
    progress.advance(100);
    progress.finish();
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace consilience::engine
