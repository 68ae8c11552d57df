#include "engine/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace consilience::engine {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ZooModel model(const std::string& name, models::Modality modality,
               std::vector<std::string> poolings = {"mean"}) {
  ZooModel zoo;
  zoo.card.name = name;
  zoo.card.modality = modality;
  zoo.card.identity_hash = std::string(56, '0') + name.substr(0, 1) + std::string(7, '1');
  for (const char* layer : {"embedding", "block_0", "block_1", "block_2", "final_norm"})
    zoo.card.layers.push_back({layer, 4, "block"});
  zoo.card.poolings = std::move(poolings);
  return zoo;
}

StudyInputs inputs() {
  StudyInputs in;
  in.study = parse_study("name = \"s\"\n[data]\nsource = \"x\"\n[[models]]\nuse = \"zoo:demo\"\n",
                         "s.toml");
  in.models = {model("words", models::Modality::text, {"first", "last", "mean"}),
               model("cnn", models::Modality::vision),
               model("vit", models::Modality::vision, {"first", "mean"})};
  in.data.name = "x";
  in.data.hash = std::string(64, 'd');
  in.data.samples.resize(30);
  in.data.valid.assign(30, 1);
  in.numerics = "here";
  in.covariates = Json::object();
  return in;
}

std::vector<std::string> names(const std::vector<FeatureSlot>& slots) {
  std::vector<std::string> out;
  for (const auto& slot : slots) out.push_back(slot.name());
  return out;
}

TEST(Plan, EveryTaskStandsAfterWhatItNeedsAndIdsAreDistinct) {
  std::set<std::string> seen;
  for (const Task& task : make_plan(inputs())) {
    for (const auto& id : task.needs) EXPECT_TRUE(seen.contains(id)) << task.label;
    EXPECT_TRUE(seen.insert(task.id).second) << task.label;
  }
  EXPECT_EQ(seen.size(), 3u * 2 + 2u * 2 + 1);
}

TEST(Plan, IsAFunctionOfItsInputs) {
  const auto ids = [](const StudyInputs& in) {
    std::vector<std::string> out;
    for (const Task& task : make_plan(in)) out.push_back(task.id);
    return out;
  };
  EXPECT_EQ(ids(inputs()), ids(inputs()));
  StudyInputs other = inputs();
  other.study.conditioning.clamp = 0;
  const auto before = ids(inputs()), after = ids(other);
  EXPECT_EQ(before[0], after[0]);  // features are the same
  EXPECT_NE(before[1], after[1]);  // graphs are not
  other = inputs();
  other.data.hash[0] = 'e';
  EXPECT_NE(ids(other)[0], before[0]);
}

TEST(Plan, CrossModalPairsPutVisionFirst) {
  StudyInputs in = inputs();
  std::vector<std::string> pairs;
  for (const auto pair : study_pairs(in.study.metrics, in.models))
    pairs.push_back(in.models[pair.a].card.name + "+" + in.models[pair.b].card.name);
  EXPECT_THAT(pairs, ElementsAre("cnn+words", "vit+words"));
  in.study.metrics.pairs = "within";
  EXPECT_EQ(study_pairs(in.study.metrics, in.models).size(), 1u);
  in.study.metrics.pairs = "all";
  EXPECT_EQ(study_pairs(in.study.metrics, in.models).size(), 3u);
}

TEST(Plan, CrossModalMeansEveryPairOfTwoModalities) {
  StudyInputs in = inputs();
  in.models.insert(in.models.begin(), model("ear", models::Modality::audio));
  const auto pairs = [&] {
    std::vector<std::string> out;
    for (const auto pair : study_pairs(in.study.metrics, in.models))
      out.push_back(in.models[pair.a].card.name + "+" + in.models[pair.b].card.name);
    return out;
  };
  EXPECT_THAT(pairs(), ElementsAre("words+ear", "cnn+ear", "cnn+words", "vit+ear", "vit+words"));
  in.study.metrics.pairs = "within";
  EXPECT_THAT(pairs(), ElementsAre("cnn+vit"));
}

TEST(Plan, AStudyWithoutPairsIsRefused) {
  StudyInputs in = inputs();
  in.models.resize(1);
  EXPECT_THAT([&] { (void)make_plan(in); },
              ::testing::ThrowsMessage<Error>(HasSubstr("leaves no pair among 1 model")));
}

TEST(Plan, APoolingThatNoModelHasIsRefusedEvenBesideOneThatTheyHave) {
  StudyInputs in = inputs();
  in.models[0].card.poolings = {"first", "mean_without_first", "mean"};
  for (auto& [modality, names] : in.study.features.poolings) names = {"mean", "mean_without_frst"};
  EXPECT_THAT([&] { (void)make_plan(in); },
              ::testing::ThrowsMessage<Error>(AllOf(HasSubstr("no model of the study has"),
                                                    HasSubstr("'mean_without_first'"))));
}

TEST(WantedSlots, FollowLayersAndPoolings) {
  StudyInputs in = inputs();
  Study::Features features = in.study.features;
  EXPECT_EQ(wanted_slots(features, in.models[0].card).size(), 5u);
  features.poolings["vision"] = {"first"};
  EXPECT_EQ(wanted_slots(features, in.models[2].card)[0].name(), "embedding/first");
  EXPECT_EQ(wanted_slots(features, in.models[1].card)[0].name(), "embedding/mean")
      << "the only pooling it has";
  features.layers = "stride";
  features.layer_stride = 3;
  EXPECT_THAT(names(wanted_slots(features, in.models[1].card)),
              ElementsAre("embedding/mean", "block_2/mean", "final_norm/mean"));
  features.layers = "names";
  features.layer_names = {"block_1"};
  EXPECT_THAT(names(wanted_slots(features, in.models[1].card)), ElementsAre("block_1/mean"));
  features.layer_names = {"block_9"};
  EXPECT_THROW((void)wanted_slots(features, in.models[1].card), Error);
}

}  // namespace
}  // namespace consilience::engine
