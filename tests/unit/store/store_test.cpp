#include "engine/store/store.h"

#include <gtest/gtest.h>

#include "engine/base/hash.h"
#include "engine/store/events.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

const std::vector<float> kValues{1, 2, 3};

TEST(Store, OpensAFolderAndOpensItAgain) {
  const Scratch scratch;
  { const Store store(scratch / "a/b"); }
  EXPECT_EQ(read_text(scratch / "a/b/store.json"), "{\"format\":\"consilience-store/1\"}\n");
  const Store again(scratch / "a/b");
  const Store reader(scratch / "a/b", Store::Access::read);
}

TEST(Store, ModelsMayBeThereFirst) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "s/models/m@01234567");
  const Store store(scratch / "s");
  EXPECT_TRUE(store.find_packages().empty());  // no card: half an export
  write_text(scratch / "s/models/m@01234567/card.json", "{}");
  std::filesystem::create_directories(scratch / "s/models/mm@01234567");
  write_text(scratch / "s/models/mm@01234567/card.json", "{}");
  EXPECT_EQ(store.find_packages().size(), 2U);
  EXPECT_EQ(store.find_packages("m"),
            std::vector<std::filesystem::path>{scratch / "s/models/m@01234567"});
  EXPECT_EQ(store.find_packages("m@01234567").size(), 1U);
  EXPECT_TRUE(store.find_packages("m@0").empty());
}

TEST(Store, RefusesWhatIsNoStore) {
  const Scratch scratch;
  write_text(scratch / "notes.txt", "mine");
  const std::string root = scratch.path().string();
  EXPECT_EQ(error_of([&] { const Store store(root); }),
            "3: store " + root +
                ": the folder is not empty and no store (it has no store.json): choose another");
  EXPECT_EQ(error_of([&] { const Store store(scratch / "none", Store::Access::read); }),
            "3: store " + (scratch / "none").string() +
                ": there is none (no store.json); `consilience run` makes one");
  EXPECT_EQ(error_of([&] { const Store store(scratch / "notes.txt"); }),
            "3: store " + (scratch / "notes.txt").string() + " is not writable: Not a directory");
  EXPECT_FALSE(std::filesystem::exists(scratch / "none"));
}

TEST(Store, RefusesAnotherVersion) {
  const Scratch scratch;
  write_text(scratch / "store.json", "{\"format\":\"consilience-store/2\"}");
  const std::string root = scratch.path().string();
  EXPECT_EQ(error_of([&] { const Store store(root); }),
            "3: store " + root +
                ": store.json gives the format \"consilience-store/2\", this program writes "
                "\"consilience-store/1\": use the version that made it, or another folder");
  EXPECT_EQ(contents(scratch.path()).size(), 1U);
}

TEST(Store, RecordWithData) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const std::string name = "scores/x.json";
  EXPECT_FALSE(store.has_record(name));
  const Json record = store.commit_record(name, {{"a", 1}}, {tensor("x", {3}, kValues)});
  EXPECT_TRUE(store.has_record(name));
  EXPECT_EQ(store.read_record(name), record);
  EXPECT_EQ(record["a"], 1);
  EXPECT_EQ(copy_tensor<float>(store.open_data(name, record, true).at("x"), ""), kValues);
  EXPECT_EQ(store.records("scores"), std::vector<std::string>{name});
  EXPECT_TRUE(store.records("graphs").empty());
}

TEST(Store, RecordThatIsThereAlreadyStands) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const Json first = store.commit_record("scores/x.json", {{"a", 1}}, {tensor("x", {3}, kValues)});
  const auto before = contents(store.root());
  const std::vector<float> other{4};
  EXPECT_EQ(store.commit_record("scores/x.json", {{"a", 2}}, {tensor("x", {1}, other)}), first);
  EXPECT_EQ(contents(store.root()), before);
}

TEST(Store, WinnerWithoutItsDataIsNoWinner) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const Json record = store.commit_record("scores/x.json", {}, {tensor("x", {3}, kValues)});
  const std::string data = data_name("scores/x.json", record["data"]["sha256"]);
  const std::filesystem::path file = store.root() / data;
  const std::string good = read_text(file);
  const auto again = [&] {
    return error_of([&] { store.commit_record("scores/x.json", {}, {}); });
  };
  EXPECT_EQ(again(), "no error");
  std::string bad = good;
  bad.back() = static_cast<char>(bad.back() ^ 1);
  write_text(file, bad);
  EXPECT_EQ(again(), "3: " + file.string() + ": damaged: its sha256 is " + sha256_hex(bad) +
                         ": remove it with scores/x.json and run again");
  write_text(file, good.substr(1));
  EXPECT_EQ(again(), "3: " + file.string() + ": damaged: " + std::to_string(good.size() - 1) +
                         " bytes, expected " + std::to_string(good.size()) +
                         ": remove it with scores/x.json and run again");
  std::filesystem::remove(file);
  EXPECT_EQ(again(), "3: " + file.string() +
                         ": missing, but scores/x.json names it: remove that record and run again");
}

// A data file that no record names does not exist: the run that left it is simply run again.
TEST(Store, DataWithoutARecordIsNoResult) {
  const Scratch scratch;
  Json record;
  {
    const Store store(scratch / "s");
    record = store.commit_record("scores/x.json", {}, {tensor("x", {3}, kValues)});
  }
  const auto whole = contents(scratch / "s");
  std::filesystem::remove(scratch / "s/scores/x.json");
  const Store store(scratch / "s");
  EXPECT_FALSE(store.has_record("scores/x.json"));
  EXPECT_EQ(store.commit_record("scores/x.json", {}, {tensor("x", {3}, kValues)}), record);
  EXPECT_EQ(contents(scratch / "s"), whole);
}

TEST(Store, EqualWorkGivesEqualBytes) {
  const Scratch scratch;
  for (const char* name : {"one", "two"}) {
    const Store store(scratch / name);
    store.commit_record("scores/x.json", {{"b", 0.1}, {"a", "é"}}, {tensor("x", {3}, kValues)});
  }
  EXPECT_EQ(contents(scratch / "one"), contents(scratch / "two"));
}

TEST(Store, RecordsThatLeadOutsideAreRefused) {
  const Scratch scratch;
  const Store store(scratch / "s");
  EXPECT_EQ(error_of([&] {
              store.check_data("scores/x.json",
                               {{"data", {{"sha256", "../../etc/passwd"}, {"bytes", 1U}}}}, false);
            }),
            "3: " + (store.root() / "scores/x.json").string() +
                ": damaged: its data's sha256 is not 64 hex digits");
}

TEST(FileNamePart, KeepsOnlyPlainCharacters) {
  EXPECT_EQ(file_name_part("a/b c:é.1_-Z"), "a_b_c___.1_-Z");
}

TEST(EventLog, AppendsLines) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const EventLog log(store);
  log.write({{"event", "start"}});
  log.write({{"event", "end"}});
  const std::string text = read_text(log.path());
  ASSERT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const Json first = Json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(first["event"], "start");
  EXPECT_EQ(first["time"].get<std::string>().size(), 20U);
}

}  // namespace
}  // namespace consilience::engine
