#include "engine/covariates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class Covariates : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    const auto file = std::filesystem::path(::testing::TempDir()) / "covariates.csv";
    std::ofstream(file) << text;
    return file;
  }
};

ZooModel model(const std::string& name, std::map<std::string, double> numbers) {
  ZooModel zoo;
  zoo.card.name = name;
  zoo.card.numbers = std::move(numbers);
  return zoo;
}

TEST_F(Covariates, AreReadByColumnAndEmptyCellsAreLeftOut) {
  const Json found = read_covariates(write("model,step,score\r\na,1000,0.5\nb,,-2e3\n"));
  EXPECT_EQ(found, Json::parse(R"({"a": {"step": 1000, "score": 0.5}, "b": {"score": -2000}})"));
}

TEST_F(Covariates, BadTablesAreNamedWithTheirLine) {
  EXPECT_THAT([&] { (void)read_covariates(write("name,step\na,1\n")); },
              ThrowsMessage<Error>(HasSubstr("line 1: expected the header")));
  EXPECT_THAT([&] { (void)read_covariates(write("model,step\na,1,2\n")); },
              ThrowsMessage<Error>(HasSubstr("line 2: expected 2 cells, found 3")));
  EXPECT_THAT([&] { (void)read_covariates(write("model,step\na,many\n")); },
              ThrowsMessage<Error>(HasSubstr("step of 'a' is not a number: 'many'")));
  EXPECT_THAT([&] { (void)read_covariates(write("")); },
              ThrowsMessage<Error>(HasSubstr("is empty")));
  EXPECT_THAT([] { (void)read_covariates("nowhere.csv"); },
              ThrowsMessage<Error>(HasSubstr("nowhere.csv")));
}

TEST_F(Covariates, CurvesTakeCardsAndCovariatesAlike) {
  const std::vector<ZooModel> models = {model("a", {{"parameters", 7}}),
                                        model("b", {{"resolution", 224}})};
  const Json table = Json::parse(R"({"b": {"step": 3}, "elsewhere": {"step": 9}})");
  using Numbers = std::map<std::string, double>;
  EXPECT_EQ(curve_numbers("params", models, table, {}), (Numbers{{"a", 7}}));
  EXPECT_EQ(curve_numbers("step", models, table, {}), (Numbers{{"b", 3}}));
  EXPECT_THAT([&] { (void)curve_numbers("stop", models, table, {}); },
              ThrowsMessage<Error>(HasSubstr("did you mean 'step'?")));
}

TEST_F(Covariates, BitsPerByteAreMeasuredUnlessATableGivesThem) {
  std::vector<ZooModel> models = {model("a", {}), model("b", {}), model("c", {})};
  EXPECT_THAT([&] { (void)curve_numbers("bits_per_byte", models, Json::object(), {}); },
              ThrowsMessage<Error>(HasSubstr("no model has the number 'bits_per_byte'")));
  models[0].card.scalars = models[1].card.scalars = {"nll", "tokens"};
  const auto expected = bits_to_measure(models);
  ASSERT_EQ(expected.size(), 2U);
  EXPECT_TRUE(std::isnan(expected.at("a")));
  const Json table = Json::parse(R"({"b": {"bits_per_byte": 0.5}})");
  using Numbers = std::map<std::string, double>;
  EXPECT_EQ(curve_numbers("bits_per_byte", models, table, {{"a", 2}, {"b", 3}}),
            (Numbers{{"a", 2}, {"b", 0.5}}));
  EXPECT_THAT(
      [&] {
        (void)curve_numbers("bits_per_bite", models, table, {{"a", 2}});
      },
      ThrowsMessage<Error>(HasSubstr("did you mean 'bits_per_byte'?")));
}

}  // namespace
}  // namespace consilience::engine
