#include "kernels/cuda/feature_rows.h"

#include <algorithm>
#include <vector>

#include "kernels/base/parallel.h"

namespace consilience::kernels::cuda {
namespace {

constexpr int64_t kPieceBytes = int64_t{16} << 20;
constexpr int64_t kGrain = 64;  // rows

int64_t piece_rows(int64_t d, int64_t capacity) {
  return std::clamp<int64_t>(kPieceBytes / (4 * d), 1, std::max<int64_t>(capacity, 1));
}

}  // namespace

FeatureRows::FeatureRows(const Context& context, const Conditioned& side, int64_t capacity)
    : context_(context),
      side_(side),
      d_(side.x.cols()),
      piece_(piece_rows(d_, capacity)),
      x_(capacity * d_),
      scale_(capacity),
      mean_(d_),
      pieces_(2 * piece_ * d_) {
  std::vector<double> mean(static_cast<size_t>(d_));
  std::ranges::copy(side.mean, mean.begin());
  const Stream stream;
  mean_.upload(mean, stream);
  stream.synchronize();
}

void FeatureRows::gather(std::span<const int32_t> rows, float* to) const {
  parallel_for(context_, std::ssize(rows), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      std::ranges::copy(side_.x.row(rows[static_cast<size_t>(r)]), to + r * d_);
    }
  });
}

void FeatureRows::upload(std::span<const int32_t> rows, const Stream& stream) {
  rows_ = std::ssize(rows);
  std::vector<double> scale(rows.size(), 1.0);
  if (!side_.scale.empty()) {
    std::ranges::transform(rows, scale.begin(),
                           [&](int32_t i) { return side_.scale[static_cast<size_t>(i)]; });
  }
  scale_.upload(scale, stream);
  Event copied[2];
  int turn = 0;
  for (int64_t first = 0; first < rows_; first += piece_, turn = 1 - turn) {
    const int64_t count = std::min(piece_, rows_ - first);
    float* piece = pieces_.data() + turn * piece_ * d_;
    copied[turn].synchronize();
    gather(rows.subspan(static_cast<size_t>(first), static_cast<size_t>(count)), piece);
    CUDA_CHECK(cudaMemcpyAsync(x_.data() + first * d_, piece,
                               static_cast<size_t>(count * d_) * sizeof(float),
                               cudaMemcpyHostToDevice, stream.get()));
    copied[turn].record(stream);
  }
  stream.synchronize();
}

}  // namespace consilience::kernels::cuda
