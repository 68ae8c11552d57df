#include "models/torchscript/placement.h"

#include <gmock/gmock.h>

#include "kernels/base/error.h"

namespace consilience::models::torchscript {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<Segment> of_bytes(const std::vector<int64_t>& bytes) {
  std::vector<Segment> segments;
  for (size_t s = 0; s < bytes.size(); ++s)
    segments.push_back({"part-" + std::to_string(s), "", bytes[s]});
  return segments;
}

std::vector<size_t> devices_of(const std::vector<int64_t>& bytes, size_t devices) {
  std::vector<size_t> found;
  for (const Place& place : place_segments("m", of_bytes(bytes), devices, 0))
    found.push_back(place.device);
  return found;
}

std::string kept(const std::vector<int64_t>& bytes, size_t devices, int64_t most) {
  std::string text;
  for (const Place& place : place_segments("m", of_bytes(bytes), devices, most))
    text += place.stays ? 'k' : '.';
  return text;
}

TEST(Placement, DealsInOrderByBytes) {
  EXPECT_THAT(devices_of({5}, 4), ElementsAre(0));
  EXPECT_THAT(devices_of({1, 1, 1, 1}, 2), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(devices_of({6, 1, 1, 1, 1, 2}, 2), ElementsAre(0, 1, 1, 1, 1, 1));
  EXPECT_THAT(devices_of({1, 1, 1, 1}, 1), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(devices_of({1, 9, 1}, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(devices_of({9, 1}, 4), ElementsAre(0, 1));
  EXPECT_THAT(devices_of({0, 0}, 3), ElementsAre(0, 0));
}

TEST(Placement, KeepsWhatFitsBesideTheLargestOfTheRest) {
  EXPECT_EQ(kept({3, 3, 3}, 1, 0), "kkk");
  EXPECT_EQ(kept({3, 3, 3}, 1, 9), "kkk");
  EXPECT_EQ(kept({3, 3, 3}, 1, 8), "k..");
  EXPECT_EQ(kept({3, 3, 3}, 1, 5), "...");
  EXPECT_EQ(kept({1, 1, 4, 1}, 1, 6), "kk..");
  EXPECT_EQ(kept({3, 3, 3, 3}, 2, 6), "kkkk");
  EXPECT_EQ(kept({3, 3, 3, 3}, 2, 5), "....");
}

TEST(Placement, NamesASegmentThatAloneIsTooLarge) {
  try {
    place_segments("m", of_bytes({2, 7}), 1, 6);
    ADD_FAILURE() << "7 bytes in 6";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Failure::out_of_memory);
    EXPECT_THAT(error.what(), HasSubstr("model m, segment part-1: 7 bytes of weights, at most 6"));
  }
}

}  // namespace
}  // namespace consilience::models::torchscript
