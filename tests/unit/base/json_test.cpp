#include "engine/base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "engine/base/hash.h"
#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

TEST(CanonicalJson, Bytes) {
  const Json value = {{"b", {1, 2.5, -0.0, 1e300, 0.1}},
                      {"a", {{"z", nullptr}, {"y", true}}},
                      {"é", "\"\\/\n\x01é"}};
  EXPECT_EQ(canonical_json(value),
            R"({"a":{"y":true,"z":null},"b":[1,2.5,-0.0,1e+300,0.1],"é":"\"\\/\n\u0001é"})");
}

TEST(CanonicalJson, NoNumberIsNull) {
  EXPECT_EQ(canonical_json(Json{std::nan(""), HUGE_VAL, -HUGE_VAL}), "[null,null,null]");
}

TEST(CanonicalJson, NumbersReadBackExactly) {
  for (const double x : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 0.017857142857142856})
    EXPECT_EQ(Json::parse(canonical_json(Json(x))).get<double>(), x);
}

TEST(CanonicalJson, OrderOfInsertionDoesNotMatter) {
  Json one, two;
  one["x"] = 1;
  one["y"] = 2;
  two["y"] = 2;
  two["x"] = 1;
  EXPECT_EQ(hash_of(one), hash_of(two));
  EXPECT_EQ(hash_of(one), sha256_hex(R"({"x":1,"y":2})"));
  two["x"] = 3;
  EXPECT_NE(hash_of(one), hash_of(two));
}

TEST(CanonicalJson, TextThatIsNotUtf8IsAnError) {
  EXPECT_THROW((void)canonical_json(Json("\xff")), Error);
}

std::string message_of(const std::filesystem::path& file) {
  try {
    (void)read_json(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    return error.what();
  }
  return "no error";
}

TEST(ReadJson, NamesFileAndPosition) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "json_test.json";
  std::ofstream(file) << "{\"a\": 1,\n \"b\": }";
  const std::string message = message_of(file);
  EXPECT_TRUE(message.starts_with(file.string() + ": not JSON at line 2, column 7: ")) << message;
  std::ofstream(file) << R"({"a": [1, "é"]})";
  EXPECT_EQ(read_json(file), Json({{"a", {1, "é"}}}));
  std::filesystem::remove(file);
}

TEST(ReadJson, MissingFileAndFolder) {
  EXPECT_EQ(message_of("/nowhere/x.json"),
            "/nowhere/x.json: can't be read: No such file or directory");
  EXPECT_EQ(message_of("/tmp"), "/tmp: can't be read: is a folder");
}

}  // namespace
}  // namespace consilience::engine
