#include "engine/types/conditioning.h"

#include <gtest/gtest.h>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

TEST(Conditioning, Described) {
  EXPECT_EQ(describe(Conditioning{}), "clamp=0.95/layer, l2");
  EXPECT_EQ(describe(conditioning_preset("prh-paper")), "clamp=0.95/model, l2");
  EXPECT_EQ(describe(conditioning_preset("prh-code")), "clamp=0.95/model-sample-mean, l2");
  EXPECT_EQ(describe(conditioning_preset("none")), "raw");
  Conditioning all;
  all.clamp = 0.5;
  all.center = Center::mean;
  all.similarity = kernels::Similarity::euclidean;
  EXPECT_EQ(describe(all), "clamp=0.5/layer, center=mean, l2, euclidean");
  Conditioning plain = conditioning_preset("none");
  plain.similarity = kernels::Similarity::euclidean;
  EXPECT_EQ(describe(plain), "raw, euclidean");
}

TEST(Conditioning, DefaultPresetIsTheDefault) {
  EXPECT_EQ(conditioning_preset("default"), Conditioning{});
}

TEST(Conditioning, UnknownPresetListsThem) {
  try {
    (void)conditioning_preset("prh");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::usage);
    EXPECT_STREQ(error.what(),
                 "no conditioning preset 'prh': it is one of default, prh-paper, prh-code, none");
  }
}

}  // namespace
}  // namespace consilience::engine
