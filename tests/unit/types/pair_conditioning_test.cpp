#include "engine/types/pair_conditioning.h"

#include <gtest/gtest.h>

#include "engine/types/conditioning.h"

namespace consilience::engine {
namespace {

TEST(DescribePair, SaysWhichSideWasNotClamped) {
  GraphFacts dense;
  GraphFacts sparse;
  sparse.clamp_off_sparse = true;
  const std::string text = describe({});
  EXPECT_EQ(describe_pair(text, dense, dense), "clamp=0.95/layer, l2");
  EXPECT_EQ(describe_pair(text, sparse, sparse), "clamp=off(sparse), l2");
  EXPECT_EQ(describe_pair(text, dense, sparse), "clamp=0.95/layer|off(sparse), l2");
  EXPECT_EQ(describe_pair(text, sparse, dense), "clamp=off(sparse)|0.95/layer, l2");
  EXPECT_EQ(describe_pair("clamp=0.95/layer", sparse, sparse), "clamp=off(sparse)");
  EXPECT_EQ(describe_pair("l2", sparse, sparse), "l2");
}

}  // namespace
}  // namespace consilience::engine
