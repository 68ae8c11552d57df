#pragma once
#include <climits>

#include "kernels/cuda/candidate_lists.h"
#include "kernels/cuda/device/warp.cuh"

namespace consilience::kernels::cuda::device {

/// Integers in the order of the floats.
__device__ inline int ordered(float value) {
  const int bits = __float_as_int(value);
  return bits ^ ((bits >> 31) & 0x7FFFFFFF);
}

/// The value of rank `rank` (1: the largest) of `count`, by a whole warp: bisection, nothing moves.
__device__ inline float value_at_rank(const float* values, int64_t count, int64_t rank) {
  const auto lane = static_cast<int64_t>(threadIdx.x % kWarp);
  int least = INT_MAX;
  int most = INT_MIN;
  for (int64_t i = lane; i < count; i += kWarp) {
    const int key = ordered(values[i]);
    least = key < least ? key : least;
    most = key > most ? key : most;
  }
  int64_t low = __reduce_min_sync(kAllLanes, least);
  int64_t high = int64_t{__reduce_max_sync(kAllLanes, most)} + 1;
  while (high - low > 1) {  // at least `rank` keys reach low, fewer reach high
    const int64_t middle = low + (high - low) / 2;
    int reaching = 0;
    for (int64_t i = lane; i < count; i += kWarp) reaching += ordered(values[i]) >= middle;
    const int64_t reached = __reduce_add_sync(kAllLanes, reaching);
    (reached >= rank ? low : high) = middle;
    if (reached == rank) break;
  }
  const auto key = static_cast<int>(low);
  return __int_as_float(key ^ ((key >> 31) & 0x7FFFFFFF));
}

/// The list of one query in the hands of one warp; every member is the same in all its threads.
class WarpList {
 public:
  __device__ WarpList(const Lists& lists, const Bounds& queries, int64_t p)
      : lists_(lists),
        p_(p),
        own_(queries.own[p]),
        count_(lists.count[p]),
        limit_(lists.limit[p]),
        threshold_(lists.threshold[p]) {}

  [[nodiscard]] __device__ float threshold() const { return threshold_; }
  [[nodiscard]] __device__ bool given_up() const { return threshold_ == kNothing; }

  /// Each thread's column, where `wanted`. The query has met at most `seen` columns.
  __device__ void append(bool wanted, float upper, float believed, int32_t column, int64_t seen) {
    const unsigned takers = __ballot_sync(kAllLanes, wanted);
    if (takers == 0) return;
    if (wanted) put(count_ + __popc(takers & below()), upper, believed, column);
    count_ += __popc(takers);
    if (count_ < limit_) return;
    compact(seen);
    give_up_if_full();
  }

  /// Raises the threshold by what is there and lets go of what falls below.
  __device__ void compact(int64_t seen) {
    __syncwarp();  // what others put there
    const int64_t rank = believed_rank(lists_.keep, seen, lists_.gallery);
    if (count_ >= rank) {
      const float value = value_at_rank(ends() + lists_.stride, count_, rank);
      const float raised = safe_threshold(static_cast<double>(value), own_);
      if (raised > threshold_) threshold_ = raised;
      keep_reaching();
    }
    limit_ = static_cast<int32_t>(next_limit(count_, lists_.room));
  }

  /// The query has to be found in another way: it takes no more columns.
  __device__ void give_up_if_full() {
    if (!too_full(count_, lists_.room)) return;
    count_ = 0;
    threshold_ = kNothing;
  }

  __device__ void store() const {
    if (threadIdx.x % kWarp != 0) return;
    lists_.count[p_] = count_;
    lists_.limit[p_] = limit_;
    lists_.threshold[p_] = threshold_;
  }

 private:
  static __device__ unsigned below() { return (1U << threadIdx.x % kWarp) - 1; }
  [[nodiscard]] __device__ float* ends() const { return lists_.ends + p_ * 2 * lists_.stride; }

  __device__ void put(int64_t at, float upper, float believed, int32_t column) const {
    ends()[at] = upper;
    ends()[lists_.stride + at] = believed;
    lists_.column[p_ * lists_.stride + at] = column;
  }

  __device__ void keep_reaching() {
    const float* upper = ends();
    const int32_t* column = lists_.column + p_ * lists_.stride;
    int32_t kept = 0;
    for (int32_t first = 0; first < count_; first += static_cast<int32_t>(kWarp)) {
      const int32_t i = first + static_cast<int32_t>(threadIdx.x % kWarp);
      const bool live = i < count_;
      const float high = live ? upper[i] : 0.0F;
      const float low = live ? upper[lists_.stride + i] : 0.0F;
      const int32_t j = live ? column[i] : 0;
      const bool reaches = live && high >= threshold_;
      const unsigned takers = __ballot_sync(kAllLanes, reaches);  // all have read
      __syncwarp();
      if (reaches) put(kept + __popc(takers & below()), high, low, j);
      kept += __popc(takers);
    }
    __syncwarp();
    count_ = kept;
  }

  const Lists& lists_;
  int64_t p_;
  float own_;
  int32_t count_;
  int32_t limit_;
  float threshold_;
};

}  // namespace consilience::kernels::cuda::device
