#include <gtest/gtest.h>

#include <string>

#include "engine/store/safetensors.h"
#include "engine/store/widen.h"
#include "tests/support/source_dir.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

const std::filesystem::path kFolder = source_dir() + "/tests/hostile/safetensors";

struct Hostile {
  const char* file;
  const char* error;  // after "<file>: "
};

class HostileSafetensors : public testing::TestWithParam<Hostile> {};

TEST_P(HostileSafetensors, SaysWhatIsWrong) {
  const std::filesystem::path file = kFolder / GetParam().file;
  EXPECT_EQ(error_of([&] { const Safetensors opened(file); }),
            "3: " + file.string() + ": " + GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostileSafetensors,
    testing::Values(
        Hostile{"01-empty.safetensors", "not safetensors: the file is empty"},
        Hostile{"02-short-length.safetensors",
                "not safetensors: 5 bytes, expected 8 of header length first"},
        Hostile{"03-header-cut.safetensors",
                "cut: the header is 200 bytes long, the file holds 40 after its length"},
        Hostile{"04-header-huge.safetensors",
                "not safetensors: header length 9223372036854775808, expected at most 100000000"},
        Hostile{"06-not-utf8.safetensors",
                "the header is not JSON at line 1, column 3: syntax error while parsing object "
                "key - invalid string: ill-formed UTF-8 byte"},
        Hostile{"07-not-json.safetensors",
                "the header is not JSON at line 1, column 35: syntax error while parsing object "
                "key - unexpected end of input; expected string literal"},
        Hostile{"08-json-array.safetensors", "not safetensors: the header must begin with '{'"},
        Hostile{"09-leading-space.safetensors", "not safetensors: the header must begin with '{'"},
        Hostile{"10-duplicate-key.safetensors", R"(duplicate name "a" in the header)"},
        Hostile{"11-overlap.safetensors",
                R"(tensor "b": its bytes from 12 on overlap the tensor before it)"},
        Hostile{"13-trailing-bytes.safetensors", "8 bytes after the last tensor"},
        Hostile{"14-data-cut.safetensors",
                R"(tensor "b": data_offsets [16, 28] do not lie in the 24 data bytes)"},
        Hostile{"15-negative-offset.safetensors",
                R"(tensor "a": data_offsets [-4,12], expected two whole numbers of at least 0)"},
        Hostile{"17-negative-shape.safetensors",
                R"(tensor "a": shape holds -2, expected whole numbers of at least 0)"},
        Hostile{"19-offset-overflow.safetensors",
                R"(tensor "a": data_offsets [0, 18446744073709551615] do not lie in the 16 data )"
                "bytes"},
        Hostile{"20-size-mismatch.safetensors",
                R"(tensor "a": F32 [2, 2] needs 16 bytes, data_offsets give 12)"},
        Hostile{"21-unknown-dtype.safetensors", R"(tensor "a": unknown dtype "F33")"},
        Hostile{"23-metadata-not-string.safetensors",
                R"(__metadata__ "n" is number, expected text)"}),
    [](const auto& test) {
      std::string name = test.param.file;
      name = name.substr(0, name.find('.'));
      for (char& c : name)
        if (c == '-') c = '_';
      return name;
    });

TEST(HostileSafetensorsGood, ValuesAreRight) {
  const auto values = [](const char* name, const char* tensor_name) {
    const Safetensors file(kFolder / name);
    const TensorView& tensor = file.at(tensor_name);
    std::vector<float> out(static_cast<size_t>(tensor.count()));
    EXPECT_EQ(widen(tensor, 0, out), -1);
    return out;
  };
  using Values = std::vector<float>;
  EXPECT_EQ(values("00-good.safetensors", "a").size(), 4U);
  EXPECT_EQ(values("00-good.safetensors", "b").size(), 3U);
  EXPECT_EQ(values("24-good-zero-size.safetensors", "e"), Values{});
  EXPECT_EQ(values("24-good-zero-size.safetensors", "s"), Values{1});
  EXPECT_EQ(values("25-good-bf16-padded.safetensors", "x"), (Values{1, 2, 3, -0.5F}));
  EXPECT_EQ(values("27-good-unsorted.safetensors", "z"), (Values{5, 6, 7}));
  EXPECT_EQ(values("27-good-unsorted.safetensors", "m"), (Values{1, 2, 3, 4}));
  EXPECT_FALSE(Safetensors(kFolder / "25-good-bf16-padded.safetensors").metadata().empty());
}

// Each file in the folder is tested above.
TEST(HostileSafetensorsGood, NoFileIsForgotten) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    files += entry.path().extension() == ".safetensors" ? 1 : 0;
  EXPECT_EQ(files, 18 + 4);
}

}  // namespace
}  // namespace consilience::engine
