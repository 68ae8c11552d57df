#include "engine/store/commit.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/base/hash.h"
#include "engine/store/store.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

Writer writer(std::string text) {
  return [text = std::move(text)](const auto& sink) { sink(std::as_bytes(std::span(text))); };
}

TEST(Commit, DataIsNamedByItsDigest) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const DataFile data = commit_data(store.root(), "features/m@1", writer("abc"));
  EXPECT_EQ(data.sha256, sha256_hex("abc"));
  EXPECT_EQ(data.bytes, 3U);
  EXPECT_EQ(read_text(store.root() / "features/m@1" / (data.sha256 + ".safetensors")), "abc");
  EXPECT_TRUE(std::filesystem::is_empty(store.root() / "tmp"));
}

TEST(Commit, FirstRecordWins) {
  const Scratch scratch;
  const Store store(scratch / "s");
  EXPECT_TRUE(commit_text(store.root(), "scores/a.json", "one"));
  EXPECT_FALSE(commit_text(store.root(), "scores/a.json", "two"));
  EXPECT_EQ(read_text(store.root() / "scores/a.json"), "one");
  EXPECT_TRUE(std::filesystem::is_empty(store.root() / "tmp"));
}

TEST(Commit, NothingIsLeftOfAWriterThatThrows) {
  const Scratch scratch;
  const Store store(scratch / "s");
  const auto before = contents(store.root());
  EXPECT_THROW(commit_data(store.root(), "graphs",
                           [](const auto& sink) {
                             sink(std::as_bytes(std::span("half", 4)));
                             throw std::runtime_error("no");
                           }),
               std::runtime_error);
  EXPECT_EQ(contents(store.root()), before);
}

TEST(Commit, LeftoversOfTheDeadAreCleared) {
  const Scratch scratch;
  { const Store store(scratch / "s"); }
  write_text(scratch / "s/tmp/.0123.tmp", "half a chunk");
  TempFile alive = TempFile::in_store(scratch / "s");
  const Store again(scratch / "s");
  EXPECT_FALSE(std::filesystem::exists(scratch / "s/tmp/.0123.tmp"));
  EXPECT_TRUE(std::filesystem::exists(alive.path()));  // it is locked: its owner lives
}

/// Commits records with data until it is killed.
[[noreturn]] void commit_for_good(const std::filesystem::path& root, int round) {
  try {
    const Store store(root);
    const std::vector<float> x(20000, static_cast<float>(round));
    for (int i = 0;; ++i)
      store.commit_record(fmt::format("scores/{}-{}.json", round, i), {{"i", i}},
                          {tensor("x", {20000}, x)});
  } catch (...) {
    _exit(1);
  }
}

// What a killed process left must be whole.
TEST(Commit, KilledAtAnyMomentNothingIsTorn) {
  const Scratch scratch;
  { const Store store(scratch / "s"); }
  for (int round = 0; round < 12; ++round) {
    const pid_t child = fork();
    if (child == 0) commit_for_good(scratch / "s", round);
    const std::filesystem::path first = scratch / fmt::format("s/scores/{}-0.json", round);
    for (int wait = 0; wait < 20'000 && !std::filesystem::exists(first); ++wait) usleep(1000);
    usleep(static_cast<useconds_t>(711 * round));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_TRUE(std::filesystem::exists(first));
    const Store store(scratch / "s");
    EXPECT_TRUE(std::filesystem::is_empty(scratch / "s/tmp"));
    for (const std::string& name : store.records("scores"))
      store.check_data(name, store.read_record(name), true);
  }
}

/// A file system of its own for a test; false, and loudly, where that is not permitted.
class Mounted {
 public:
  Mounted(const std::filesystem::path& at, const char* options) : at_(at) {
    std::filesystem::create_directories(at);
    mounted_ = mount("tmpfs", at.c_str(), "tmpfs", 0, options) == 0;
  }
  ~Mounted() {
    if (mounted_) umount2(at_.c_str(), MNT_DETACH);
  }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  explicit operator bool() const { return mounted_; }
  [[nodiscard]] bool make_read_only() const {
    return mount(nullptr, at_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::filesystem::path at_;
  bool mounted_ = false;
};

TEST(Commit, FullDiskIsTransientAndKeepsFinishedWork) {
  const Scratch scratch;
  const Mounted disk(scratch / "small", "size=256k");
  if (!disk) GTEST_SKIP() << "mounting a tmpfs is not permitted here: run as root";
  const Store store(scratch / "small/s");
  const std::vector<float> small(1000, 1), large(100'000, 2);
  store.commit_record("scores/a.json", {{"n", 1}}, {tensor("x", {1000}, small)});
  const auto before = contents(store.root());
  const std::string message = error_of([&] {
    store.commit_record("scores/b.json", {{"n", 2}}, {tensor("x", {100'000}, large)});
  });
  EXPECT_TRUE(message.starts_with("4: store " + store.root().string() + ": the disk is full: "))
      << message;
  EXPECT_NE(message.find(" more bytes, "), std::string::npos) << message;
  EXPECT_EQ(contents(store.root()), before);
}

TEST(Commit, ReadOnlyDiskIsSaidAtOnce) {
  const Scratch scratch;
  const Mounted disk(scratch / "disk", "size=256k");
  if (!disk) GTEST_SKIP() << "mounting a tmpfs is not permitted here: run as root";
  { const Store store(scratch / "disk/s"); }
  ASSERT_TRUE(disk.make_read_only());
  const std::string root = (scratch / "disk/s").string();
  const std::string message = error_of([&] { const Store store(root); });
  EXPECT_TRUE(message.starts_with("3: store " + root + " is not writable: ")) << message;
  EXPECT_TRUE(message.ends_with("Read-only file system")) << message;
  EXPECT_EQ(
      error_of([&] { const Store store(scratch / "disk/new"); }),
      "3: store " + (scratch / "disk/new").string() + " is not writable: Read-only file system");
  EXPECT_TRUE(Store(root, Store::Access::read).records("scores").empty());
}

TEST(Commit, FolderWithoutPermissionIsSaidAtOnce) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "locked");
  chmod((scratch / "locked").c_str(), 0555);
  if (access((scratch / "locked").c_str(), W_OK) == 0)
    GTEST_SKIP() << "root may write anywhere: run as another user";
  EXPECT_EQ(error_of([&] { const Store store(scratch / "locked/s"); }),
            "3: store " + (scratch / "locked/s").string() + " is not writable: Permission denied");
}

}  // namespace
}  // namespace consilience::engine
