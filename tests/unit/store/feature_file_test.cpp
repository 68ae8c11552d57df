#include "engine/store/feature_file.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/store/npy.h"
#include "engine/store/safetensors.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

void save(const std::filesystem::path& file, std::vector<TensorView> tensors) {
  std::ofstream out(file, std::ios::binary);
  write_safetensors(std::move(tensors), [&](std::span<const std::byte> part) {
    out.write(reinterpret_cast<const char*>(part.data()),
              static_cast<std::streamsize>(part.size()));
  });
}

std::vector<float> counting(size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

std::vector<std::string> names(const FeatureView& features) {
  std::vector<std::string> result;
  for (const FeatureSlot& slot : features.slots()) result.push_back(slot.name());
  return result;
}

using Names = std::vector<std::string>;
using Values = std::vector<float>;

TEST(FeatureFile, NpyOfOneLayer) {
  const Scratch scratch;
  write_npy(scratch / "x.npy", tensor("", {3, 2}, counting(6)));
  const auto features = open_feature_file(scratch / "x.npy");
  EXPECT_EQ(features->rows(), 3);
  EXPECT_EQ(names(*features), Names{"layer_0/given"});
  EXPECT_EQ(read_all(*features, 0).values(), counting(6));
}

TEST(FeatureFile, NpyOfSeveralLayers) {
  const Scratch scratch;
  write_npy(scratch / "x.npy", tensor("", {2, 2, 3}, counting(12)));
  const auto features = open_feature_file(scratch / "x.npy");
  EXPECT_EQ(names(*features), (Names{"layer_0/given", "layer_1/given"}));
  EXPECT_EQ(read_all(*features, 0).values(), (Values{0, 1, 2, 6, 7, 8}));
  EXPECT_EQ(read_all(*features, 1).values(), (Values{3, 4, 5, 9, 10, 11}));
  Matrix<float> last(1, 3);
  features->read(1, 1, 2, last.view());
  EXPECT_EQ(last.values(), (Values{9, 10, 11}));
}

TEST(FeatureFile, NamedTensorsInNaturalOrder) {
  const Scratch scratch;
  const Values x = counting(4);
  save(scratch / "x.safetensors",
       {tensor("block_10/mean", {2, 2}, x), tensor("block_2/mean", {2, 2}, x),
        tensor("block_2/first", {2, 2}, x), tensor("plain", {2, 2}, x),
        tensor("scalars/nll", {2}, std::span(x).first(2))});
  const auto features = open_feature_file(scratch / "x.safetensors");
  EXPECT_EQ(names(*features),
            (Names{"block_2/first", "block_2/mean", "block_10/mean", "plain/given"}));
}

TEST(FeatureFile, OneTensorOfSafetensors) {
  const Scratch scratch;
  save(scratch / "x.safetensors", {tensor("feats", {2, 2, 1}, counting(4))});
  const auto features = open_feature_file(scratch / "x.safetensors");
  EXPECT_EQ(names(*features), (Names{"layer_0/given", "layer_1/given"}));
  EXPECT_EQ(read_all(*features, 1).values(), (Values{1, 3}));
}

TEST(FeatureFile, DoublesThatAreNoFloats) {
  const Scratch scratch;
  const std::filesystem::path file = scratch / "x.npy";
  write_npy(file, tensor("", {2, 2}, std::vector<double>{1, 0.5, 0.25, 0.1}));
  const auto strict = open_feature_file(file);
  EXPECT_EQ(error_of([&] { (void)read_all(*strict, 0); }),
            "3: " + file.string() +
                ": layer_0, row 1, column 1: a 64-bit value that no float32 equals; "
                "--round-to-f32 rounds them");
  const auto rounded = open_feature_file(file, true);
  EXPECT_EQ(read_all(*rounded, 0).values(), (Values{1, 0.5F, 0.25F, 0.1F}));
  EXPECT_NE(strict->digest(), rounded->digest());
}

TEST(FeatureFile, DigestIsThatOfTheContent) {
  const Scratch scratch;
  write_npy(scratch / "x.npy", tensor("", {2, 2}, counting(4)));
  write_npy(scratch / "y.npy", tensor("", {2, 2}, counting(4)));
  write_npy(scratch / "z.npy", tensor("", {4, 1}, counting(4)));
  const std::string digest = open_feature_file(scratch / "x.npy")->digest();
  EXPECT_EQ(digest.size(), 64U);
  EXPECT_EQ(open_feature_file(scratch / "y.npy")->digest(), digest);
  EXPECT_NE(open_feature_file(scratch / "z.npy")->digest(), digest);
}

TEST(FeatureFile, OneLinePerFault) {
  const Scratch scratch;
  const auto fault = [&](const std::string& name) {
    const std::string message = error_of([&] { (void)open_feature_file(scratch / name); });
    const std::string start = "3: " + (scratch / name).string() + ": ";
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(std::min(start.size(), message.size()));
  };
  const auto looks_like = [&](const std::string& name, const std::string& bytes) {
    write_text(scratch / name, bytes);
    return fault(name);
  };
  EXPECT_EQ(fault("nowhere.npy"), "can't be read: No such file or directory");
  EXPECT_EQ(fault("."), "can't be read: not a regular file");
  EXPECT_EQ(looks_like("a.npy", ""), "the file is empty");
  EXPECT_EQ(looks_like("a.npy", "\n <!DOCTYPE html><p>404"),
            "not features: expected .npy or .safetensors, found a web page (HTML): the download "
            "gave a page in place of the file");
  EXPECT_EQ(looks_like("a.pt", "PK\x03\x04rest"),
            "not features: expected .npy or .safetensors, found a zip archive (.npz, or .pt of "
            "PyTorch): save one array with np.save, or tensors with safetensors.torch.save_file");
  EXPECT_EQ(looks_like("a.bin", "hello"),
            "not features: expected .npy or .safetensors, found something else");
  EXPECT_EQ(looks_like("a.npy", "hello"), "not .npy: it does not begin with \\x93NUMPY");
  EXPECT_EQ(looks_like("a.safetensors", "hello"),
            "not safetensors: 5 bytes, expected 8 of header length first");

  write_npy(scratch / "a.npy", tensor("", {4}, counting(4)));
  EXPECT_EQ(fault("a.npy"), "layer has the shape [4], expected [n, d] or [n, l, d]");
  write_npy(scratch / "a.npy", tensor("", {0, 4}, counting(0)));
  EXPECT_EQ(fault("a.npy"), "layer is empty: shape [0, 4]");
  write_npy(scratch / "a.npy", tensor("", {1, 2}, std::vector<int32_t>{1, 2}));
  EXPECT_EQ(fault("a.npy"),
            "layer holds I32, expected floating-point numbers (F16, BF16, F32, F64)");
  save(scratch / "a.safetensors", {});
  EXPECT_EQ(fault("a.safetensors"), "no features: the file holds no tensor");
  const Values x = counting(6);
  save(scratch / "a.safetensors", {tensor("a", {2, 3}, x), tensor("b", {3, 2}, x)});
  EXPECT_EQ(fault("a.safetensors"), "b has 3 rows, a has 2");
}

}  // namespace
}  // namespace consilience::engine
