#include "engine/tasks/extract_to_store.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "engine/open_study.h"
#include "engine/store/stored_features.h"
#include "engine/tasks/records.h"
#include "kernels/base/error.h"
#include "tests/unit/extract/fake_device.h"
#include "tests/unit/extract/small_extraction.h"
#include "tests/unit/store/scratch.h"

namespace consilience::engine {
namespace {

/// A study of the tiny text model, whose batch a device has to find.
class ExtractToStore : public testing::Test {
 protected:
  ExtractToStore() {
    inputs_.data = captions();
    inputs_.data.name = "captions";
    inputs_.data.hash = std::string(64, 'a');
    inputs_.models = {{kPackages + "tiny-text", model_->card()}};
    inputs_.numerics = {{"device", "cuda"}, {"batching", "auto"}};
    device_.bytes_a_token = 100'000;
    device_.capacity = 100'000'000;
  }

  StudyContext context() { return {inputs_, store_, {{kernels::Backend::cuda, 1}, true}}; }
  void run(StudyContext& context) {
    extract_to_store(context, inputs_.models[0], {&inputs_.data, &tokens_}, device_);
  }
  /// What the CPU gives for the same batches.
  MemorySink expected(const BatchPolicy& policy, const FeatureRecipe& recipe) {
    ExtractOptions options;
    options.batch = policy;
    options.chunk_rows = chunk_rows(recipe);
    options.quiet = true;
    MemorySink sink;
    extract({&inputs_.data, &tokens_}, *model_, recipe.slots, options, sink);
    return sink;
  }
  void expect_stored(StudyContext& context) {
    const FeatureRecipe recipe = context.recipe(inputs_.models[0]);
    ASSERT_TRUE(features_complete(store_, recipe));
    const MemorySink right = expected(*context.batch(inputs_.models[0]), recipe);
    const StoredFeatures stored(store_, feature_key(recipe));
    const Matrix<float> found = read_all(stored, 0);
    const auto valid = inputs_.data.valid_rows();
    for (size_t i = 0; i < valid.size(); ++i)
      EXPECT_TRUE(std::ranges::equal(found.row(static_cast<int64_t>(i)),
                                     right.chunks.at(0).slots[0].row(valid[i])));
  }

  Scratch scratch_;
  Store store_{scratch_ / "store"};
  std::unique_ptr<models::Runner> model_ = models::open_runner(kPackages + "tiny-text", {});
  StudyInputs inputs_;
  TokenPack tokens_ = tokens();
  FakeDevice device_{*model_};
};

TEST_F(ExtractToStore, TheBatchThatWasFoundIsKeptAndNamesTheFeatures) {
  StudyContext first = context();
  const ZooModel& model = inputs_.models[0];
  EXPECT_FALSE(first.batch(model));
  EXPECT_EQ(first.features_digest(model), "");
  run(first);
  ASSERT_TRUE(first.batch(model));
  EXPECT_EQ(first.batch(model)->tokens, 64 * 11);
  EXPECT_EQ(first.recipe(model).inputs.at("batch"), describe(*first.batch(model)));
  expect_stored(first);

  StudyContext later = context();
  EXPECT_EQ(feature_key(later.recipe(model)), feature_key(first.recipe(model)));
  const size_t runs = device_.runs.size();
  device_.bytes_a_token = 10'000;  // more would fit now
  run(later);
  EXPECT_EQ(device_.runs.size(), runs);
  EXPECT_EQ(later.batch(model)->tokens, 64 * 11);
}

TEST_F(ExtractToStore, ABatchThatDoesNotFitAfterAllIsHalvedForTheWholeModel) {
  StudyContext study = context();
  const ZooModel& model = inputs_.models[0];
  study.keep_batch(model, {4, 64 * 11});
  const std::string before = feature_key(study.recipe(model));
  device_.before_run = [](int64_t rows) {
    if (rows > 20) fail(Failure::out_of_memory, "out of memory");
  };
  run(study);
  EXPECT_LT(study.batch(model)->tokens, 64 * 11);
  EXPECT_NE(feature_key(study.recipe(model)), before);
  expect_stored(study);
  StudyContext later = context();
  EXPECT_EQ(later.batch(model)->tokens, study.batch(model)->tokens);
}

TEST_F(ExtractToStore, ItIsOutOfMemoryOnlyWhenOneSampleDoesNotFit) {
  StudyContext study = context();
  study.keep_batch(inputs_.models[0], {4, 64 * 11});
  device_.before_run = [](int64_t) { fail(Failure::out_of_memory, "out of memory"); };
  EXPECT_EQ(error_of([&] { run(study); }), "5: out of memory");
  EXPECT_EQ(study.batch(inputs_.models[0])->tokens, 11);
  EXPECT_EQ(device_.live_buffers, 0);
}

TEST_F(ExtractToStore, ABatchThatTheStudyGivesIsNotHalved) {
  inputs_.study.features.pictures = 8;
  inputs_.study.features.tokens = 100;
  inputs_.numerics["batching"] = describe(fixed_batch(inputs_.study));
  StudyContext study = context();
  EXPECT_EQ(study.batch(inputs_.models[0])->tokens, 100);
  EXPECT_FALSE(study.recipe(inputs_.models[0]).inputs.contains("batch"));
  run(study);
  expect_stored(study);
  device_.before_run = [](int64_t) { fail(Failure::out_of_memory, "out of memory"); };
  inputs_.data.hash = std::string(64, 'b');
  StudyContext other = context();
  device_.runs.clear();
  EXPECT_EQ(error_of([&] { run(other); }), "5: out of memory");
  EXPECT_TRUE(device_.runs.empty());
}

TEST_F(ExtractToStore, ThePrecisionIsAPartOfWhatNamesFeatures) {
  const ZooModel& model = inputs_.models[0];
  StudyContext f32 = context();
  inputs_.study.features.compute = "bf16";
  StudyContext bf16 = context();
  EXPECT_NE(feature_key(f32.recipe(model)), feature_key(bf16.recipe(model)));
  inputs_.study.features.compute = "card";
  StudyContext plain = context();
  EXPECT_EQ(feature_key(plain.recipe(model)), feature_key(f32.recipe(model)));
  inputs_.models[0].card.compute = "bf16";
  StudyContext card = context();
  EXPECT_EQ(feature_key(card.recipe(model)), feature_key(bf16.recipe(model)));
}

}  // namespace
}  // namespace consilience::engine
