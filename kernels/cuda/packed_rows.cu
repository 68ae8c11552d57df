#include <cuda_fp16.h>

#include <bit>

#include "kernels/cuda/device/exact_score.cuh"
#include "kernels/cuda/device/warp.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/packed_rows.h"

namespace consilience::kernels::cuda {
namespace {

constexpr unsigned kBlock = 256;
constexpr unsigned kRowsPerBlock = kBlock / device::kWarp;
constexpr double kSumRoom = 1 + 0x1p-30;  // what the sums of squares can lose
constexpr int kExponent = 8;  // |a| is about 2^8, so that f16 holds what matters of every row
constexpr float kSmallestNormal = 0x1p-14F;

/// Where m' and the unit come from: ResidualFrame.
struct Frame {
  const double* centre;
  double centre_norm;
  double unit;
  Similarity similarity;
};

/// What is written of every row.
struct Packed {
  float* scale;
  float* offset;
  float* slack;
  float* own;
  double* level;
  ScaledNorms* norms;
  unsigned long long* largest;
};

__device__ inline float stored(__half* to, float value) {
  // Tensor cores may or may not keep subnormals.
  const float kept = fabsf(value) < kSmallestNormal ? 0.0F : value;
  *to = __float2half_rn(kept);
  return __half2float(*to);
}
__device__ inline float stored(float* to, float value) { return *to = value; }

__device__ inline void raise(unsigned long long* largest, double value) {
  atomicMax(largest, static_cast<unsigned long long>(__double_as_longlong(value)));
}

/// One warp a row. values [rows, padded].
template <typename T>
__global__ void pack_rows(device::DeviceSide side, int64_t rows, int64_t d, int64_t padded,
                          Frame frame, T* values, Packed out) {
  const int64_t i = int64_t{blockIdx.x} * kRowsPerBlock + threadIdx.x / device::kWarp;
  if (i >= rows) return;
  const auto lane = static_cast<int64_t>(threadIdx.x % device::kWarp);
  const double c = side.scale[i];
  const auto z_of = [&](int64_t f) { return device::value_of(side, i, f) * c; };
  double rr = 0;
  double zz = 0;
  double mr = 0;
  double mz = 0;
  for (int64_t f = lane; f < d; f += device::kWarp) {
    const double z = z_of(f);
    const double m = frame.centre[f];
    const double r = (z - m) * frame.unit;
    rr = fma(r, r, rr);
    zz = fma(z, z, zz);
    mr = fma(m, r, mr);
    mz = fma(m, z, mz);
  }
  rr = device::warp_sum(rr);
  Residual residual;
  residual.norm = sqrt(rr) * kSumRoom;
  residual.reach = (sqrt(device::warp_sum(zz)) * kSumRoom + frame.centre_norm) * frame.unit;
  mr = device::warp_sum(mr);
  mz = device::warp_sum(mz);
  const bool euclidean = frame.similarity == Similarity::euclidean;
  residual.offset = euclidean ? -0.5 * rr : mr * frame.unit;
  residual.level = euclidean ? -0.5 * rr : mz * (frame.unit * frame.unit);

  const bool usable = residual.usable();  // the same in every lane
  int exponent = kSmallestExponent;
  if (usable && residual.norm > 0 && ilogb(residual.norm) > exponent) {
    exponent = ilogb(residual.norm);
  }
  const double q = ldexp(1.0, exponent - kExponent);
  double lost = 0;
  for (int64_t f = lane; f < padded; f += device::kWarp) {
    const double r = f < d && usable ? (z_of(f) - frame.centre[f]) * frame.unit : 0.0;
    const double gap =
        r - q * static_cast<double>(stored(values + i * padded + f, static_cast<float>(r / q)));
    lost = fma(gap, gap, lost);
  }
  lost = sqrt(device::warp_sum(lost)) * kSumRoom;
  if (lane != 0) return;
  RowBound bound;
  if (usable) bound = row_bound(residual, lost, q, frame.similarity);
  out.scale[i] = static_cast<float>(q);
  out.offset[i] = bound.offset;
  out.slack[i] = bound.slack;
  out.own[i] = bound.own;
  out.level[i] = residual.level;
  out.norms[i] = bound.norms;
  raise(out.largest, bound.norms.error);
  raise(out.largest + 1, bound.norms.norm);
  raise(out.largest + 2, bound.norms.reach);
}

/// h of every row. `tiny`: what products that underflow can lose.
__global__ void bound_pairs(const ScaledNorms* norms, int64_t rows, ScaledNorms largest, double g,
                            double tiny, float* error) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < rows) {
    error[i] = round_up(static_cast<double>(pair_error(norms[i], largest, g)) + tiny);
  }
}

}  // namespace

PackedRows::PackedRows(Arithmetic arithmetic, int64_t capacity, const ResidualFrame& frame,
                       int64_t d)
    : arithmetic_(arithmetic),
      d_(d),
      centre_norm_(frame.centre_norm()),
      unit_(frame.unit()),
      similarity_(frame.similarity()),
      centre_(std::ssize(frame.centre())),
      values_(capacity * padded_features(d) * bytes_of(arithmetic)),
      scale_(capacity),
      offset_(capacity),
      slack_(capacity),
      own_(capacity),
      error_(capacity),
      level_(capacity),
      norms_(capacity),
      largest_(3) {
  const Stream stream;
  centre_.upload(frame.centre(), stream);
  stream.synchronize();
}

void PackedRows::pack(const FeatureRows& from, const Stream& stream) {
  rows_ = from.rows();
  largest_.fill_bytes(0, stream);
  if (rows_ == 0) return;
  const Frame frame{centre_.data(), centre_norm_, unit_, similarity_};
  const Packed out{scale_.data(), offset_.data(), slack_.data(),  own_.data(),
                   level_.data(), norms_.data(),  largest_.data()};
  const auto blocks = static_cast<unsigned>((rows_ + kRowsPerBlock - 1) / kRowsPerBlock);
  const int64_t padded = padded_features(d_);
  if (arithmetic_ == Arithmetic::f16) {
    launch(pack_rows<__half>, blocks, kBlock, 0, stream.get(), from.view(), rows_, d_, padded,
           frame, reinterpret_cast<__half*>(values_.data()), out);
  } else {
    launch(pack_rows<float>, blocks, kBlock, 0, stream.get(), from.view(), rows_, d_, padded, frame,
           reinterpret_cast<float*>(values_.data()), out);
  }
}

ScaledNorms PackedRows::largest_norms(const Stream& stream) const {
  const auto bits = largest_.download(3, stream);
  const auto value = [&](size_t at) { return std::bit_cast<double>(bits[at]); };
  return {value(0), value(1), value(2)};
}

void PackedRows::set_errors(const ScaledNorms& largest, const Stream& stream) {
  if (rows_ == 0) return;
  launch(bound_pairs, static_cast<unsigned>((rows_ + kBlock - 1) / kBlock), kBlock, 0, stream.get(),
         static_cast<const ScaledNorms*>(norms_.data()), rows_, largest,
         product_error(arithmetic_, d_), static_cast<double>(d_) * 0x1p-126, error_.data());
}

std::vector<int32_t> PackedRows::outcasts(const Stream& stream) const {
  const auto offsets = offset_.download(rows_, stream);
  std::vector<int32_t> rows;
  for (size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] == kFilled) rows.push_back(static_cast<int32_t>(i));
  }
  return rows;
}
std::vector<float> PackedRows::owns(const Stream& stream) const {
  return own_.download(rows_, stream);
}
std::vector<double> PackedRows::levels(const Stream& stream) const {
  return level_.download(rows_, stream);
}

}  // namespace consilience::kernels::cuda
