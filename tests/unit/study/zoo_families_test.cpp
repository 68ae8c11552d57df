#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "engine/zoo.h"

namespace consilience::engine {
namespace {

using ::testing::MatchesRegex;

// The exporter's zoo.py reads the same lists: members stand there by name, checkpoints too.
TEST(ZooFamilies, EveryFamilyListsItsMembersByName) {
  int families = 0;
  for (const auto& entry : std::filesystem::directory_iterator(zoo_folder())) {
    if (entry.path().extension() != ".toml") continue;
    const auto members = family_members(entry.path().stem().string());
    EXPECT_FALSE(members.empty()) << entry.path();
    EXPECT_EQ(std::set(members.begin(), members.end()).size(), members.size()) << entry.path();
    for (const auto& name : members) EXPECT_THAT(name, MatchesRegex("[a-z0-9._-]+"));
    ++families;
  }
  EXPECT_GT(families, 30);
}

TEST(ZooFamilies, CheckpointsAreMembersLikeOthers) {
  const auto steps = family_members("pythia-160m-steps");
  EXPECT_EQ(steps.front(), "pythia-160m.step0");
  EXPECT_EQ(steps.back(), "pythia-160m.step143000");
  EXPECT_EQ(family_members("prh-fig3").size(), 12u + 17u);
}

}  // namespace
}  // namespace consilience::engine
