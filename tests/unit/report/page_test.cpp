#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "engine/report/report.h"
#include "tests/unit/report/planted.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The browser tests look at pages that this writes: see tests/browser.
TEST(PlantedReport, WritesPagesForTheBrowser) {
  const char* folder = std::getenv("CONSILIENCE_PLANTED_REPORTS");
  if (folder == nullptr) GTEST_SKIP() << "CONSILIENCE_PLANTED_REPORTS names no folder";
  const std::filesystem::path root(folder);
  StudyResult empty;
  empty.name = "empty";
  write_report(root / "realistic", planted::realistic_study());
  write_report(root / "hostile", planted::hostile_study());
  write_report(root / "quiet", planted::quiet_study());
  write_report(root / "empty", empty);
}

}  // namespace
}  // namespace consilience::engine
