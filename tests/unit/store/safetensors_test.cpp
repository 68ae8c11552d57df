#include "engine/store/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

std::string written(std::vector<TensorView> tensors) {
  std::string bytes;
  write_safetensors(std::move(tensors), [&](std::span<const std::byte> part) {
    bytes.append(reinterpret_cast<const char*>(part.data()), part.size());
  });
  return bytes;
}

TEST(Safetensors, RoundTripOfEveryType) {
  const Scratch scratch;
  const std::vector<float> f{1, 2.5F, -3, 4, 5, 6};
  const std::vector<double> d{0.1};
  const std::vector<int32_t> i{-7, 8};
  const std::vector<int64_t> l{int64_t{1} << 40};
  const std::vector<uint8_t> u{1, 2, 3};
  const std::vector<double> none;
  write_text(scratch / "x.safetensors",
             written({tensor("f", {2, 3}, f), tensor("d", {}, d), tensor("i", {2}, i),
                      tensor("l", {1, 1}, l), tensor("u/v", {3}, u), tensor("e", {0, 5}, none)}));
  const Safetensors file(scratch / "x.safetensors");
  EXPECT_EQ(file.tensors().size(), 6U);
  EXPECT_EQ(copy_tensor<float>(file.at("f"), "x"), f);
  EXPECT_EQ(file.at("f").shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(copy_tensor<double>(file.at("d"), "x"), d);
  EXPECT_EQ(copy_tensor<int32_t>(file.at("i"), "x"), i);
  EXPECT_EQ(copy_tensor<int64_t>(file.at("l"), "x"), l);
  EXPECT_EQ(copy_tensor<uint8_t>(file.at("u/v"), "x"), u);
  EXPECT_EQ(file.at("e").count(), 0);
  EXPECT_TRUE(file.has("u/v"));
  EXPECT_FALSE(file.has("w"));
  EXPECT_EQ(error_of([&] { (void)file.at("w"); }),
            "3: " + (scratch / "x.safetensors").string() + ": no tensor w");
  EXPECT_EQ(error_of([&] { (void)copy_tensor<double>(file.at("f"), "x"); }),
            "3: x: tensor f holds F32, expected F64");
}

TEST(Safetensors, BytesAreThoseOfTheFormat) {
  const std::vector<float> one{1};
  const std::vector<uint8_t> two{2};
  const std::string bytes = written({tensor("b", {1}, two), tensor("a", {1}, one)});
  std::string header = R"({"a":{"data_offsets":[0,4],"dtype":"F32","shape":[1]},)"
                       R"("b":{"data_offsets":[4,5],"dtype":"U8","shape":[1]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  std::string expected(8, '\0');
  expected[0] = static_cast<char>(header.size());
  expected += header + std::string("\0\0\x80\x3f\x02", 5);
  EXPECT_EQ(bytes, expected);
}

TEST(Safetensors, OrderOfTheCallerDoesNotMatter) {
  const std::vector<float> x{1, 2};
  const std::vector<double> y{3};
  EXPECT_EQ(written({tensor("x", {2}, x), tensor("y", {1}, y)}),
            written({tensor("y", {1}, y), tensor("x", {2}, x)}));
}

TEST(Safetensors, NamesAreDistinct) {
  const std::vector<float> x{1};
  EXPECT_EQ(error_of([&] {
              written({tensor("x", {1}, x), tensor("x", {1}, x)});
            }),
            "3: tensor x: its name stands twice, or is reserved");
  EXPECT_EQ(error_of([&] { written({tensor("__metadata__", {1}, x)}); }),
            "3: tensor __metadata__: its name stands twice, or is reserved");
}

std::string with_header(const std::string& header, size_t data) {
  std::string bytes(8, '\0');
  const uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + std::string(data, '\0');
}

// Faults that the hostile files do not hold.
TEST(Safetensors, OneLinePerFault) {
  const Scratch scratch;
  const std::filesystem::path file = scratch / "x.safetensors";
  const auto fault = [&](const std::string& header, size_t data) {
    write_text(file, with_header(header, data));
    std::string message = error_of([&] { const Safetensors opened(file); });
    const std::string start = "3: " + file.string() + ": ";
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(std::min(start.size(), message.size()));
  };
  EXPECT_EQ(fault(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8),
            R"(tensor "a": 4 bytes before it belong to no tensor)");
  EXPECT_EQ(
      fault(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0),
      R"(tensor "a": shape overflows)");
  EXPECT_EQ(fault(R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4),
            R"(tensor "a": shape holds 1.5, expected whole numbers of at least 0)");
  EXPECT_EQ(fault(R"({"a":{"dtype":"F32","shape":3,"data_offsets":[0,4]}})", 4),
            R"(tensor "a": shape is number, expected a list)");
  EXPECT_EQ(fault(R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4),
            R"(tensor "a": dtype is number, expected text)");
  EXPECT_EQ(fault(R"({"a":{"dtype":"F32","shape":[1]}})", 4),
            R"(tensor "a": no data_offsets in the header)");
  EXPECT_EQ(fault(R"({"a":[]})", 0), R"(tensor "a": no dtype in the header)");
  EXPECT_EQ(fault(R"({"a\nb":[]})", 0), R"(tensor "a\nb": no dtype in the header)");
  EXPECT_EQ(fault(R"({"a":{"dtype":"F32","dtype":"F32"}})", 0),
            R"(duplicate name "dtype" in the header)");
  EXPECT_EQ(fault(R"({"__metadata__":[]})", 0), "__metadata__ is no object");
  EXPECT_EQ(fault("{" + std::string(1'000'000, '['), 0).substr(0, 22), "the header is not JSON");
}

// Whatever byte is changed, the file is refused or its tensors lie inside it.
TEST(Safetensors, NoChangedByteIsDangerous) {
  const Scratch scratch;
  const std::vector<float> x{1, 2, 3};
  const std::string good = written({tensor("x", {3}, x), tensor("y", {1, 3}, x)});
  for (size_t at = 0; at < good.size() - 24; ++at)
    for (const int change : {1, 2, 16, 128}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      write_text(scratch / "x.safetensors", bytes);
      try {
        const Safetensors file(scratch / "x.safetensors");
        for (const TensorView& tensor : file.tensors())
          EXPECT_EQ(tensor.count() * static_cast<int64_t>(size_of(tensor.dtype)),
                    static_cast<int64_t>(tensor.bytes.size()));
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Failure::never);
      }
    }
}

}  // namespace
}  // namespace consilience::engine
