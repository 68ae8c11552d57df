#include "engine/covariates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  EXPECT_EQ(curve_numbers("params", models, table), (Numbers{{"a", 7}}));
  EXPECT_EQ(curve_numbers("step", models, table), (Numbers{{"b", 3}}));
  EXPECT_THAT([&] { (void)curve_numbers("stop", models, table); },
              ThrowsMessage<Error>(HasSubstr("did you mean 'step'?")));
}

}  // namespace
}  // namespace consilience::engine
