// Networks cut into files that run one after another: the bits of the uncut ones.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <thread>

#include "kernels/base/error.h"
#include "models/digest.h"
#include "models/runner.h"
#include "tests/support/source_dir.h"

namespace consilience::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kPackages = source_dir() + "/tests/unit/models/packages";

json expected_of(const std::string& name) {
  std::ifstream in(kPackages / name / "expected.json");
  return json::parse(in);
}

BatchFeatures run(Runner& runner) {
  const json file =
      expected_of(runner.card().modality == Modality::text ? "tiny-text" : "tiny-vision");
  if (runner.card().modality == Modality::vision) {
    const std::vector<float> pixels = file["inputs"][0];
    return runner.run(PixelBatch{pixels, 2, 8, 8});
  }
  const std::vector<int64_t> ids = file["inputs"][0];
  const std::vector<int64_t> mask = file["inputs"][1];
  return runner.run(TokenBatch{ids, mask, file["shape"][0], file["shape"][1]});
}

BatchFeatures run(const fs::path& package, const RunnerOptions& options = {}) {
  return run(*open_runner(package, options));
}

void expect_same_bits(const BatchFeatures& found, const BatchFeatures& expected) {
  ASSERT_EQ(found.layers.size(), expected.layers.size());
  for (size_t l = 0; l < found.layers.size(); ++l)
    EXPECT_EQ(found.layers[l].values(), expected.layers[l].values()) << l;
  EXPECT_EQ(found.scalars.values(), expected.scalars.values());
}

int64_t largest_segment(const fs::path& package) {
  int64_t bytes = 0;
  for (const Segment& segment : read_card(package).segments) bytes = std::max(bytes, segment.bytes);
  return bytes;
}

RunnerOptions at_most(int64_t bytes) {
  RunnerOptions options;
  options.weights_bytes = bytes;
  return options;
}

class Segments : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] static fs::path whole() { return kPackages / GetParam(); }
  [[nodiscard]] static fs::path cut() { return kPackages / (GetParam() + std::string("-cut")); }
};

TEST_P(Segments, HaveTheBitsOfTheUncutModel) { expect_same_bits(run(cut()), run(whole())); }

TEST_P(Segments, LoadedOneAtATimeToo) {
  expect_same_bits(run(cut(), at_most(largest_segment(cut()))), run(whole()));
}

TEST_P(Segments, OneThatIsTooLargeIsNamed) {
  try {
    open_runner(cut(), at_most(largest_segment(cut()) - 1));
    ADD_FAILURE() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::out_of_memory);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("segment model-"), HasSubstr("bytes of weights")));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Segments, testing::Values("tiny-text", "tiny-vision"));

TEST(SegmentsOfOneModel, TakeTurnsBetweenThreads) {
  const fs::path package = kPackages / "tiny-text-cut";
  const BatchFeatures expected = run(package);
  const auto runner = open_runner(package, at_most(largest_segment(package)));
  std::vector<BatchFeatures> found(4);
  std::vector<std::thread> threads;
  for (BatchFeatures& result : found) threads.emplace_back([&] { result = run(*runner); });
  for (std::thread& thread : threads) thread.join();
  for (const BatchFeatures& result : found) expect_same_bits(result, expected);
}

template <typename Work>
std::string refusal(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::never);
    return error.what();
  }
  return "accepted";
}

/// A copy of a package, changed.
fs::path changed(const std::string& name, const std::function<void(const fs::path&)>& change) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const fs::path copy = fs::path(testing::TempDir()) / test->name();
  fs::remove_all(copy);
  fs::copy(kPackages / name, copy);
  change(copy);
  return copy;
}

void change_card(const fs::path& package, const std::function<void(json&)>& change) {
  std::ifstream in(package / "card.json");
  json card = json::parse(in);
  change(card);
  std::ofstream(package / "card.json") << card.dump();
}

/// Only while all weights do not fit are files read again.
TEST(SegmentsOfOneModel, StayWhereTheyFit) {
  const fs::path package = changed("tiny-text-cut", [](const fs::path&) {});
  const auto resident = open_runner(package, {});
  const auto streamed = open_runner(package, at_most(largest_segment(package)));
  fs::remove(package / "model-1.ts");
  EXPECT_NO_THROW(run(*resident));
  EXPECT_THAT(refusal([&] { run(*streamed); }), HasSubstr("segment model-1.ts"));
}

TEST(BadSegments, Missing) {
  const fs::path package =
      changed("tiny-text-cut", [](const fs::path& copy) { fs::remove(copy / "model-1.ts"); });
  EXPECT_THAT(refusal([&] { open_runner(package, {}); }), HasSubstr("model-1.ts: missing"));
}

TEST(BadSegments, Damaged) {
  const fs::path package = changed("tiny-text-cut", [](const fs::path& copy) {
    std::ofstream(copy / "model-2.ts", std::ios::app) << "x";
  });
  EXPECT_THAT(refusal([&] { open_runner(package, {}); }),
              AllOf(HasSubstr("model-2.ts: expected sha256"), HasSubstr("import")));
}

TEST(BadSegments, DamagedBeforeTheCardWasWritten) {
  const fs::path package = changed("tiny-text-cut", [](const fs::path& copy) {
    fs::resize_file(copy / "model-1.ts", 2000);
    change_card(copy, [&](json& card) {
      card["segments"][1]["sha256"] = sha256_of_file(copy / "model-1.ts");
    });
  });
  EXPECT_THAT(refusal([&] { open_runner(package, {}); }),
              AllOf(HasSubstr("segment model-1.ts"), HasSubstr("bytes)")));
}

TEST(BadSegments, Swapped) {
  const fs::path package = changed("tiny-text-cut", [](const fs::path& copy) {
    change_card(copy, [](json& card) { std::swap(card["segments"][1], card["segments"][2]); });
  });
  EXPECT_THAT(refusal([&] { run(package); }),
              AllOf(HasSubstr("model tiny-text"), HasSubstr("segment model-1.ts")));
}

TEST(BadSegments, TheFirstSwapped) {
  const fs::path package = changed("tiny-text-cut", [](const fs::path& copy) {
    change_card(copy, [](json& card) { std::swap(card["segments"][0], card["segments"][1]); });
  });
  EXPECT_THAT(refusal([&] { run(package); }), HasSubstr("segment model-1.ts: "));
}

TEST(BadSegments, OneIsLeftOut) {
  const fs::path package = changed("tiny-text-cut", [](const fs::path& copy) {
    change_card(copy, [](json& card) { card["segments"].erase(1); });
  });
  EXPECT_THAT(refusal([&] { run(package); }),
              HasSubstr("expected 3 output tensors (2 layers and the scalars), found 2: 1 of "
                        "model-0.ts, 1 of model-2.ts"));
}

TEST(BadArchive, WithAnOperatorThatIsNotLibTorchs) {
  const std::string message = refusal([] { open_runner(kPackages / "tiny-unknown", {}); });
  EXPECT_THAT(message, AllOf(HasSubstr("model tiny-unknown@"), HasSubstr("tiny::twice")));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

/// Weights as they are stored; features are float32, and those that eager PyTorch computed.
class StoredIn : public testing::TestWithParam<const char*> {};

TEST_P(StoredIn, FewerBitsRunsOnTheCpu) {
  const std::string name = GetParam();
  const auto runner = open_runner(kPackages / name, {});
  const BatchFeatures found = run(*runner);
  const json outputs = expected_of(name)["outputs"];
  for (size_t l = 0; l < 2; ++l) {
    const std::vector<float> layer = outputs[l];
    const auto width = static_cast<size_t>(runner->card().layers[l].width);
    for (size_t p = 0; p < 3; ++p)
      for (size_t b = 0; b < 2; ++b)
        for (size_t d = 0; d < width; ++d)
          EXPECT_NEAR(found.layers[l * 3 + p](static_cast<int64_t>(b), static_cast<int64_t>(d)),
                      layer[(b * 3 + p) * width + d], 2e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, StoredIn, testing::Values("tiny-text-bf16", "tiny-text-f16"));

}  // namespace
}  // namespace consilience::models
