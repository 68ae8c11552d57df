#include "engine/base/hash.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

// FIPS 180-2, appendix B, and the empty message.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256, PiecesEqualTheWhole) {
  Sha256 hash;
  hash.update("a");
  hash.update(std::as_bytes(std::span("bc", 2)));
  EXPECT_EQ(hash.hex(), sha256_hex("abc"));
}

TEST(Sha256, FileLongerThanTheBuffer) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "hash_test.bin";
  const std::string text(1'000'000, 'a');  // FIPS 180-2's third vector
  std::ofstream(file) << text;
  EXPECT_EQ(sha256_file(file), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  std::filesystem::remove(file);
}

TEST(Sha256, MissingFileIsNamed) {
  try {
    (void)sha256_file("/nowhere/at-all.bin");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    EXPECT_STREQ(error.what(), "/nowhere/at-all.bin: can't be read: No such file or directory");
  }
}

TEST(UnitId, IsTheFirstWordOfTheDigest) {
  EXPECT_EQ(unit_id("abc"), 0xba7816bfU);
  EXPECT_EQ(unit_id(""), 0xe3b0c442U);
}

}  // namespace
}  // namespace consilience::engine
