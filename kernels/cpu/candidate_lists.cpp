#include "kernels/cpu/candidate_lists.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "kernels/cpu/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/candidate_lists.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace consilience::kernels::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Integers = hn::RebindToSigned<Floats>;
constexpr auto kWidth = static_cast<int64_t>(hn::MaxLanes(Floats()));

/// Integers in the order of the floats.
HWY_INLINE hn::Vec<Integers> ordered(hn::Vec<Floats> value) {
  const Integers integers;
  const auto bits = hn::BitCast(integers, value);
  const auto flip = hn::And(hn::ShiftRight<31>(bits), hn::Set(integers, 0x7FFFFFFF));
  return hn::Xor(bits, flip);
}

/// The largest key that at least `rank` of `keys` [whole vectors] reach. Bisection: no key moves.
int32_t key_at_rank(const int32_t* keys, int64_t length, int64_t rank) {
  const Integers tag;
  auto least = hn::Set(tag, INT32_MAX);
  auto most = hn::Set(tag, INT32_MIN);
  for (int64_t i = 0; i < length; i += kWidth) {
    const auto key = hn::LoadU(tag, keys + i);
    least = hn::Min(least, key);
    most = hn::Max(most, key);
  }
  int64_t low = hn::GetLane(hn::MinOfLanes(tag, least));
  int64_t high = int64_t{hn::GetLane(hn::MaxOfLanes(tag, most))} + 1;
  while (high - low > 1) {  // at least `rank` keys reach low, fewer reach high
    const int64_t middle = low + (high - low) / 2;
    const auto bound = hn::Set(tag, static_cast<int32_t>(middle));
    auto count = hn::Zero(tag);
    for (int64_t i = 0; i < length; i += kWidth) {
      const auto reaches = hn::Not(hn::Lt(hn::LoadU(tag, keys + i), bound));
      count = hn::Sub(count, hn::VecFromMask(tag, reaches));
    }
    const int64_t reached = hn::GetLane(hn::SumOfLanes(tag, count));
    if (reached >= rank) {
      low = middle;
      if (reached == rank) break;
    } else {
      high = middle;
    }
  }
  return static_cast<int32_t>(low);
}

float float_of(int32_t key) {
  const int32_t bits = key ^ ((key >> 31) & 0x7FFFFFFF);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// The value of rank `rank` (1: the largest) of `count`. `keys` has room for whole vectors.
float value_at_rank(const float* values, int64_t count, int64_t rank, int32_t* keys) {
  const Floats tag;
  const Integers integers;
  for (int64_t i = 0; i < count; i += kWidth) {
    const auto live = hn::FirstN(integers, static_cast<size_t>(std::min(kWidth, count - i)));
    const auto key = ordered(hn::LoadU(tag, values + i));
    hn::StoreU(hn::IfThenElse(live, key, hn::Set(integers, INT32_MIN)), integers, keys + i);
  }
  return float_of(key_at_rank(keys, (count + kWidth - 1) / kWidth * kWidth, rank));
}

/// Keeps the candidates whose upper end reaches the threshold; returns how many. Reads and writes
/// whole vectors.
int64_t keep_reaching(float* upper, float* believed, int32_t* column, int64_t count,
                      float threshold) {
  const Floats tag;
  const Integers integers;
  int64_t kept = 0;
  for (int64_t i = 0; i < count; i += kWidth) {
    const auto live = hn::FirstN(tag, static_cast<size_t>(std::min(kWidth, count - i)));
    const auto high = hn::LoadU(tag, upper + i);
    const auto low = hn::LoadU(tag, believed + i);
    const auto j = hn::LoadU(integers, column + i);
    const auto reaches = hn::And(live, hn::Ge(high, hn::Set(tag, threshold)));
    hn::StoreU(hn::Compress(high, reaches), tag, upper + kept);
    hn::StoreU(hn::Compress(low, reaches), tag, believed + kept);
    hn::StoreU(hn::Compress(j, hn::RebindMask(integers, reaches)), integers, column + kept);
    kept += static_cast<int64_t>(hn::CountTrue(tag, reaches));
  }
  return kept;
}

}  // namespace HWY_NAMESPACE
}  // namespace consilience::kernels::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace consilience::kernels::cpu {

HWY_EXPORT(value_at_rank);
HWY_EXPORT(keep_reaching);

CandidateLists::CandidateLists(const Panels& rows, const Panels& columns, int k)
    : rows_(rows),
      columns_(columns),
      keep_(int64_t{k} + 1),
      width_(believed_error(columns.features())),
      room_(candidate_room(k)),
      stride_(room_ + kWholeList),
      upper_(std::make_unique_for_overwrite<float[]>(static_cast<size_t>(rows.rows() * stride_))),
      believed_(
          std::make_unique_for_overwrite<float[]>(static_cast<size_t>(rows.rows() * stride_))),
      column_(
          std::make_unique_for_overwrite<int32_t[]>(static_cast<size_t>(rows.rows() * stride_))),
      count_(static_cast<size_t>(rows.rows())),
      limit_(count_.size(), static_cast<int32_t>(std::min(room_, 3 * kWholeList))),
      threshold_(rows.scale.size(), kEverything),
      scaled_threshold_(rows.scale.size(), kNothing),
      given_up_(count_.size()) {
  for (int64_t p = 0; p < rows.rows(); ++p) {
    if (rows.usable(p)) {
      set_threshold(p, kEverything);
    } else {
      give_up(p);
    }
  }
}

bool CandidateLists::compact(int64_t p, int64_t seen) {
  const auto at = static_cast<size_t>(p);
  const int64_t rank = believed_rank(keep_, seen, columns_.rows());
  if (count_[at] >= rank) {
    thread_local std::vector<int32_t> keys;
    keys.resize(static_cast<size_t>(room_));
    const int64_t first = p * stride_;
    raise_threshold(p, HWY_DYNAMIC_DISPATCH(value_at_rank)(believed_.get() + first, count_[at],
                                                           rank, keys.data()));
    count_[at] = static_cast<int32_t>(
        HWY_DYNAMIC_DISPATCH(keep_reaching)(upper_.get() + first, believed_.get() + first,
                                            column_.get() + first, count_[at], threshold_[at]));
  }
  limit_[at] = static_cast<int32_t>(next_limit(count_[at], room_));
  return !too_full(count_[at], room_);
}

int64_t CandidateLists::near_best(int64_t p, int64_t rank) const {
  const int64_t count = count_[static_cast<size_t>(p)];
  if (count < rank) return count;
  const float* first = believed_.get() + p * stride_;
  std::vector<float> believed(first, first + count);
  std::nth_element(believed.begin(), believed.begin() + rank - 1, believed.end(), std::greater<>());
  const float value = believed[static_cast<size_t>(rank) - 1];
  const float* upper = upper_.get() + p * stride_;
  return std::count_if(upper, upper + count, [&](float end) { return end >= value; });
}

void CandidateLists::raise_threshold(int64_t p, double value) {
  const auto at = static_cast<size_t>(p);
  const float raised = safe_threshold(value, rows_.own[at]);
  if (raised > threshold_[at]) set_threshold(p, raised);
}

void CandidateLists::set_threshold(int64_t p, float value) {
  const auto at = static_cast<size_t>(p);
  threshold_[at] = value;
  scaled_threshold_[at] = value * rows_.inverse[at];
}

void CandidateLists::give_up(int64_t p) {
  const auto at = static_cast<size_t>(p);
  given_up_[at] = 1;
  count_[at] = 0;
  set_threshold(p, kNothing);
}

}  // namespace consilience::kernels::cpu
#endif
