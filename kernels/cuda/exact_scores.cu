#include "kernels/cuda/exact_scores.h"

#include "kernels/cuda/device/exact_score.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"

namespace consilience::kernels::cuda {
namespace {

using device::DeviceSide;

constexpr unsigned kBlock = 256;
constexpr unsigned kWarps = kBlock / device::kWarp;
constexpr int64_t kGroups = kBlock / kLanes;  // of threads that hold the lanes of T
constexpr int64_t kGroupsAWarp = int64_t{device::kWarp} / kLanes;
constexpr int kPatch = 4;  // rows and columns whose pairs a group scores together

template <Similarity kSimilarity>
__device__ double merit(const DeviceSide& a, int64_t i, const DeviceSide& b, int64_t j, int64_t d) {
  double sum[1][1];
  device::exact_sums<kSimilarity, 1, 1>(a, {i}, b, {j}, d, sum);
  return device::merit_of<kSimilarity>(sum[0][0], a, i, b, j);
}

/// One warp a query, eight threads a candidate.
template <Similarity kSimilarity>
__global__ void score_lists(DeviceSide queries, int64_t rows, DeviceSide columns, int64_t first,
                            int64_t last, int64_t d, device::Lists lists) {
  const int64_t p = int64_t{blockIdx.x} * kWarps + threadIdx.x / device::kWarp;
  if (p >= rows) return;
  const int64_t group = threadIdx.x % device::kWarp / kLanes;
  auto* scores = reinterpret_cast<double*>(lists.ends + p * 2 * lists.stride);
  const int32_t count = lists.count[p];
  for (int64_t begin = 0; begin < count; begin += kGroupsAWarp) {
    const int64_t c = begin + group;
    const int64_t j = c < count ? int64_t{lists.column[p * lists.stride + c]} : -1;
    const bool here = j >= first && j < last;
    const double score =
        merit<kSimilarity>(queries, p, columns, here ? j - first : 0, d);  // all threads take part
    if (here && threadIdx.x % kLanes == 0) scores[c] = score;
  }
}

/// Eight threads a patch of pairs.
template <Similarity kSimilarity>
__global__ void score_patches(DeviceSide queries, int64_t begin, int64_t end, DeviceSide columns,
                              int64_t count, int64_t d, double* merits) {
  const int64_t group = threadIdx.x / kLanes;
  const int64_t row = begin + int64_t{blockIdx.y} * kPatch;
  const int64_t column = (int64_t{blockIdx.x} * kGroups + group) * kPatch;
  int64_t i[kPatch];
  int64_t j[kPatch];
  for (int64_t t = 0; t < kPatch; ++t) {  // past the end the last one, not kept
    i[t] = row + t < end ? row + t : end - 1;
    j[t] = column + t < count ? column + t : count - 1;
  }
  double sums[kPatch][kPatch];
  device::exact_sums<kSimilarity, kPatch, kPatch>(queries, i, columns, j, d, sums);
  if (threadIdx.x % kLanes != 0) return;
  for (int64_t r = 0; r < kPatch && row + r < end; ++r) {
    for (int64_t c = 0; c < kPatch && column + c < count; ++c) {
      merits[(row - begin + r) * count + column + c] =
          device::merit_of<kSimilarity>(sums[r][c], queries, i[r], columns, j[c]);
    }
  }
}

}  // namespace

void score_candidates(const FeatureRows& queries, const FeatureRows& columns, int64_t first,
                      Similarity similarity, const device::Lists& lists, const Stream& stream) {
  if (queries.rows() == 0 || columns.rows() == 0) return;
  const auto kernel = similarity == Similarity::euclidean ? score_lists<Similarity::euclidean>
                                                          : score_lists<Similarity::dot>;
  launch(kernel, static_cast<unsigned>((queries.rows() + kWarps - 1) / kWarps), kBlock, 0,
         stream.get(), queries.view(), queries.rows(), columns.view(), first,
         first + columns.rows(), queries.features(), lists);
}

void score_all(const FeatureRows& queries, int64_t begin, int64_t end, const FeatureRows& columns,
               Similarity similarity, double* merits, const Stream& stream) {
  if (columns.rows() == 0) return;
  const auto kernel = similarity == Similarity::euclidean ? score_patches<Similarity::euclidean>
                                                          : score_patches<Similarity::dot>;
  constexpr int64_t kMostRows = int64_t{65535} * kPatch;  // of a grid
  const int64_t across = (columns.rows() + kGroups * kPatch - 1) / (kGroups * kPatch);
  for (int64_t first = begin; first < end; first += kMostRows) {
    const int64_t last = end - first < kMostRows ? end : first + kMostRows;
    const dim3 grid(static_cast<unsigned>(across),
                    static_cast<unsigned>((last - first + kPatch - 1) / kPatch));
    launch(kernel, grid, kBlock, 0, stream.get(), queries.view(), first, last, columns.view(),
           columns.rows(), queries.features(), merits + (first - begin) * columns.rows());
  }
}

}  // namespace consilience::kernels::cuda
