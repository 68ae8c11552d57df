#include "kernels/cuda/picture_passes.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "kernels/base/resize_weights.h"
#include "kernels/cuda/launch.cuh"

namespace consilience::kernels::cuda {
namespace {

constexpr unsigned kBlock = 256;
constexpr int64_t kMaxGrid = 4096;
constexpr int64_t kMaxGridY = 65535;
constexpr int64_t kAlignment = 16;

/// One pass over one picture; offsets and steps in bytes. What is made at (row, column) is at
/// position p = row of a vertical pass, column of a horizontal one, and is the weighted sum of
/// count[p] pixels along that direction from first[p] on.
struct Pass {
  int64_t from, from_row;
  int64_t to;  // rows without gaps
  int64_t rows, columns;
  int64_t taps;
  int32_t bits;                   // of a weight
  int64_t first, count, weights;  // where they begin in the tables
  bool vertical;
};

/// passes [count], one of each picture.
__global__ void resize_pictures(const Pass* passes, int64_t count, const int32_t* tables,
                                uint8_t* bytes) {
  const int64_t step = int64_t{gridDim.x} * blockDim.x;
  for (int64_t p = blockIdx.y; p < count; p += gridDim.y) {
    const Pass pass = passes[p];
    const int64_t pixels = pass.rows * pass.columns;
    for (int64_t e = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; e < pixels; e += step) {
      const int64_t row = e / pass.columns;
      const int64_t column = e % pass.columns;
      const int64_t at = pass.vertical ? row : column;
      const int64_t first = tables[pass.first + at];
      const int32_t taps = tables[pass.count + at];
      const int32_t* weights = tables + pass.weights + at * pass.taps;
      const uint8_t* pixel = bytes + pass.from + (pass.vertical ? first : row) * pass.from_row +
                             3 * (pass.vertical ? column : first);
      const int64_t next = pass.vertical ? pass.from_row : 3;
      const int32_t half = half_unit(pass.bits);
      int32_t sum[3] = {half, half, half};
      for (int32_t t = 0; t < taps; ++t) {
        for (int c = 0; c < 3; ++c) sum[c] += pixel[c] * weights[t];
        pixel += next;
      }
      uint8_t* to = bytes + pass.to + 3 * e;
      for (int c = 0; c < 3; ++c) to[c] = to_byte(sum[c], pass.bits);
    }
  }
}

/// Places for parts of one block of memory.
class Places {
 public:
  int64_t take(int64_t bytes) {
    const int64_t begin = (end_ + kAlignment - 1) / kAlignment * kAlignment;
    end_ = begin + bytes;
    return begin;
  }
  [[nodiscard]] int64_t end() const { return end_; }

 private:
  int64_t end_ = 0;
};

/// The weights of some positions along one direction, and which input pixels they read.
struct Range {
  int64_t first, count, weights, taps;  // as in Pass
  int64_t begin, end;                   // input pixels
  int bits;                             // of a weight
};

/// All weights of a batch: first, count and weights of every range, one after the other.
class Tables {
 public:
  explicit Tables(Resampling how) : how_(how) {}

  /// Positions [begin, begin + size) of those that `size_in` pixels become.
  Range add(int size_in, int size_out, int begin, int size) {
    auto [found, is_new] = known_.try_emplace({size_in, size_out});
    if (is_new) found->second = resize_weights(size_in, size_out, how_);
    const ResizeWeights& all = found->second;
    const auto from = static_cast<size_t>(begin);
    const size_t last = from + static_cast<size_t>(size) - 1;
    const auto taps = static_cast<size_t>(all.taps);
    Range range{};
    range.taps = all.taps;
    range.bits = all.bits;
    range.begin = all.first[from];
    range.end = all.first[last] + all.count[last];
    range.first = append(std::span(all.first).subspan(from, last + 1 - from));
    range.count = append(std::span(all.count).subspan(from, last + 1 - from));
    range.weights = append(std::span(all.weights).subspan(from * taps, (last + 1 - from) * taps));
    return range;
  }
  /// Makes the input pixels of `range` count from its own first one.
  void count_from_begin(const Range& range) {
    for (int64_t at = range.first; at < range.count; ++at)
      values_[static_cast<size_t>(at)] -= static_cast<int32_t>(range.begin);
  }
  [[nodiscard]] const std::vector<int32_t>& values() const { return values_; }

 private:
  int64_t append(std::span<const int32_t> some) {
    const int64_t begin = std::ssize(values_);
    values_.insert(values_.end(), some.begin(), some.end());
    return begin;
  }

  Resampling how_;
  std::map<std::pair<int, int>, ResizeWeights> known_;
  std::vector<int32_t> values_;
};

/// Both passes of a picture, but for where pixels stand in memory.
struct Plan {
  Pass passes[2];
  int64_t skipped;  // bytes of the picture before the first one that is read
};

Pass pass_of(const Range& range, bool vertical, int64_t rows, int64_t columns) {
  Pass pass{};
  pass.vertical = vertical;
  pass.rows = rows;
  pass.columns = columns;
  pass.taps = range.taps;
  pass.bits = range.bits;
  pass.first = range.first;
  pass.count = range.count;
  pass.weights = range.weights;
  return pass;
}

/// A size that stays gets weights of one whole pixel: the same as no pass.
Plan plan_of(const PictureJob& job, Implementation implementation, Tables& tables) {
  const ConstPicture& in = job.picture;
  const PictureWindow& window = job.window;
  const Range across = tables.add(in.width, window.width, window.left, job.columns);
  const Range down = tables.add(in.height, window.height, window.top, job.rows);
  const int64_t row_bytes = int64_t{3} * in.width;
  Plan plan{};
  if (vertical_first(implementation, in, {nullptr, window.width, window.height})) {
    tables.count_from_begin(across);
    plan.passes[0] = pass_of(down, true, job.rows, across.end - across.begin);
    plan.passes[1] = pass_of(across, false, job.rows, job.columns);
    plan.skipped = 3 * across.begin;
  } else {
    tables.count_from_begin(down);
    plan.passes[0] = pass_of(across, false, down.end - down.begin, job.columns);
    plan.passes[1] = pass_of(down, true, job.rows, job.columns);
    plan.skipped = row_bytes * down.begin;
  }
  plan.passes[0].from_row = row_bytes;
  plan.passes[1].from_row = 3 * plan.passes[0].columns;
  return plan;
}

int64_t picture_bytes(const ConstPicture& picture) {
  return int64_t{3} * picture.width * picture.height;
}

}  // namespace

void PicturePasses::make_room(int64_t host_bytes, int64_t device_bytes) {
  if (host_bytes > host_bytes_) {
    host_.reset();
    host_bytes_ = 0;
    host_ = std::make_unique<PinnedBuffer<uint8_t>>(host_bytes);
    host_bytes_ = host_bytes;
  }
  if (device_bytes > device_bytes_) {
    device_.reset();
    device_bytes_ = 0;
    device_ = std::make_unique<DeviceBuffer<uint8_t>>(device_bytes);
    device_bytes_ = device_bytes;
  }
}

const uint8_t* PicturePasses::run(std::span<const PictureJob> jobs, cudaStream_t stream) {
  const int64_t count = std::ssize(jobs);
  Tables tables(how_);
  std::vector<Plan> plans;
  for (const PictureJob& job : jobs) plans.push_back(plan_of(job, how_.implementation, tables));

  Places places;
  const int64_t pass_bytes = count * int64_t{sizeof(Pass)};
  const int64_t passes_at[2] = {places.take(pass_bytes), places.take(pass_bytes)};
  const int64_t table_bytes = std::ssize(tables.values()) * int64_t{sizeof(int32_t)};
  const int64_t tables_at = places.take(table_bytes);
  std::vector<int64_t> pictures_at;
  for (const PictureJob& job : jobs) pictures_at.push_back(places.take(picture_bytes(job.picture)));
  const int64_t uploaded = places.end();
  std::vector<Pass> passes[2];
  int64_t most_pixels[2] = {};
  for (size_t p = 0; p < plans.size(); ++p) {
    Pass& one = plans[p].passes[0];
    one.from = pictures_at[p] + plans[p].skipped;
    plans[p].passes[1].from = one.to = places.take(3 * one.rows * one.columns);
  }
  int64_t result = places.take(0);
  const int64_t result_at = result;
  for (Plan& plan : plans) {
    plan.passes[1].to = result;
    result += 3 * plan.passes[1].rows * plan.passes[1].columns;
    for (size_t s = 0; s < 2; ++s) {
      const Pass& pass = plan.passes[s];
      passes[s].push_back(pass);
      most_pixels[s] = std::max(most_pixels[s], pass.rows * pass.columns);
    }
  }

  make_room(uploaded, result);
  uint8_t* host = host_->data();
  for (size_t s = 0; s < 2; ++s)
    std::memcpy(host + passes_at[s], passes[s].data(), static_cast<size_t>(pass_bytes));
  std::memcpy(host + tables_at, tables.values().data(), static_cast<size_t>(table_bytes));
  for (size_t p = 0; p < jobs.size(); ++p)
    std::copy_n(jobs[p].picture.data, picture_bytes(jobs[p].picture), host + pictures_at[p]);
  uint8_t* bytes = device_->data();
  CUDA_CHECK(
      cudaMemcpyAsync(bytes, host, static_cast<size_t>(uploaded), cudaMemcpyHostToDevice, stream));
  for (size_t s = 0; s < 2; ++s) {
    const int64_t blocks = (most_pixels[s] + kBlock - 1) / kBlock;
    const dim3 grid(static_cast<unsigned>(std::clamp<int64_t>(blocks, 1, kMaxGrid)),
                    static_cast<unsigned>(std::min(count, kMaxGridY)));
    launch(resize_pictures, grid, kBlock, 0, stream,
           reinterpret_cast<const Pass*>(bytes + passes_at[s]), count,
           reinterpret_cast<const int32_t*>(bytes + tables_at), bytes);
  }
  return bytes + result_at;
}

}  // namespace consilience::kernels::cuda
