#include "tools/bench/device_meter.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <span>
#include <thread>
#include <vector>

#include "engine/base/usage.h"
#include "kernels/base/error.h"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/device_threads.h"
#include "kernels/cuda/self_search.h"

namespace consilience::bench {
namespace {

using kernels::BlockPair;
using kernels::NeighborCall;
using kernels::ResidualFrame;
using namespace kernels::cuda;

/// The fewest seconds of `rounds` calls of work(), which synchronises, after one that is not
/// counted.
template <typename Work>
double fewest_seconds(int rounds, const Work& work) {
  work();
  double fewest = std::numeric_limits<double>::infinity();
  for (int r = 0; r < rounds; ++r) {
    const double start = engine::wall_seconds();
    work();
    fewest = std::min(fewest, engine::wall_seconds() - start);
  }
  return fewest;
}

std::vector<int64_t> free_bytes(const std::vector<int>& devices) {
  std::vector<int64_t> found;
  for (const int device : devices) {
    const CurrentDevice current(device);
    size_t free = 0;
    size_t total = 0;
    CUDA_CHECK(cudaMemGetInfo(&free, &total));
    found.push_back(static_cast<int64_t>(free));
  }
  return found;
}

/// One device's share of the tiles.
class Tiles {
 public:
  Tiles(const NeighborCall& call, const GalleryOrder& order, const ResidualFrame& frame,
        Arithmetic arithmetic)
      : d_(call.gallery_features.x.cols()),
        n_(order.size()),
        side_(TilePipeline(arithmetic, d_).side()),
        held_(std::min(n_, (usable_bytes() - pipeline_bytes()) / 2 / bytes_a_row(arithmetic))),
        packed_(arithmetic, held_, frame, d_),
        multiply_(arithmetic, padded_features(d_)),
        rooms_{DeviceBuffer<float>(side_ * side_), DeviceBuffer<float>(side_ * side_)} {
    FeatureRows features(call.context, call.gallery_features, held_);
    features.upload(std::span(order.rows).first(static_cast<size_t>(held_)), stream_);
    packed_.pack(features, stream_);
    stream_.synchronize();
  }

  [[nodiscard]] int64_t side() const { return side_; }
  [[nodiscard]] int64_t blocks() const { return (n_ + side_ - 1) / side_; }
  [[nodiscard]] double flop(BlockPair pair) const {
    return 2 * static_cast<double>(rows(pair.first)) * static_cast<double>(rows(pair.second) * d_);
  }
  void multiply(BlockPair pair) {
    multiply_.multiply(packed_.row(first(pair.first)), rows(pair.first),
                       packed_.row(first(pair.second)), rows(pair.second), rooms_[turn_].data(),
                       side_, stream_);
    turn_ = 1 - turn_;
  }
  void wait() { stream_.synchronize(); }

 private:
  [[nodiscard]] int64_t bytes_a_row(Arithmetic arithmetic) const {
    return FeatureRows::bytes_a_row(d_) + PackedRows::bytes_a_row(arithmetic, d_);
  }
  /// Rows that do not fit are stood for by those that do.
  [[nodiscard]] int64_t first(int64_t block) const {
    return block % std::max<int64_t>(1, held_ / side_) * side_;
  }
  [[nodiscard]] int64_t rows(int64_t block) const {
    return std::min({side_, n_ - block * side_, held_ - first(block)});
  }

  int64_t d_;
  int64_t n_;
  int64_t side_;
  int64_t held_;
  Stream stream_;
  PackedRows packed_;
  RowProducts multiply_;
  DeviceBuffer<float> rooms_[2];
  int turn_ = 0;
};

/// Those of device `at` of `devices`.
std::vector<BlockPair> pairs_of(int64_t blocks, bool once, size_t at, size_t devices) {
  std::vector<BlockPair> all;
  if (once) {
    all = kernels::circulant_pairs(blocks);
    for (int64_t b = 0; b < blocks; ++b) all.push_back({b, b});
  } else {
    for (int64_t b = 0; b < blocks; ++b) {
      for (int64_t c = 0; c < blocks; ++c) all.push_back({b, c});
    }
  }
  std::vector<BlockPair> mine;
  for (size_t pair = at; pair < all.size(); pair += devices) mine.push_back(all[pair]);
  return mine;
}

}  // namespace

struct DeviceMemoryPeak::Watch {
  explicit Watch(std::vector<int> devices_) : devices(std::move(devices_)) {}

  void look() {
    const std::vector<int64_t> now = free_bytes(devices);
    for (size_t at = 0; at < now.size(); ++at) bytes = std::max(bytes, before[at] - now[at]);
  }

  std::vector<int> devices;
  std::vector<int64_t> before = free_bytes(devices);
  int64_t bytes = 0;
  std::jthread thread{[this](const std::stop_token& stop) {
    try {
      while (!stop.stop_requested()) {
        look();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    } catch (const Error&) {
      return;  // a broken device is told by what is measured
    }
  }};
};

DeviceMemoryPeak::DeviceMemoryPeak(const kernels::Context& context)
    : watch_(std::make_unique<Watch>(devices_of(context))) {}

DeviceMemoryPeak::~DeviceMemoryPeak() = default;

int64_t DeviceMemoryPeak::bytes() {
  if (watch_->thread.joinable()) {
    watch_->thread.request_stop();
    watch_->thread.join();
  }
  return watch_->bytes;
}

ProductsAlone products_alone(const kernels::Context& context, const kernels::Conditioned& rows,
                             const kernels::NeighborParams& params,
                             const kernels::NeighborLists& out, std::string_view arithmetic,
                             int rounds) {
  expect(arithmetic == name_of(Arithmetic::f16) || arithmetic == name_of(Arithmetic::f32),
         "products alone: arithmetic {}, expected f16 or f32", arithmetic);
  const auto chosen = arithmetic == name_of(Arithmetic::f16) ? Arithmetic::f16 : Arithmetic::f32;
  const std::vector<int> devices = devices_of(context);
  const NeighborCall call(context, rows, rows, params, out);
  const GalleryOrder order(call);
  const ResidualFrame frame(call.gallery_features, call.kinds.rows(), params.similarity);
  std::vector<ProductsAlone> parts(devices.size());
  std::atomic<bool> once = call.symmetric;
  on_devices(devices, [&](size_t) {
    if (SelfSearch::bytes(call, chosen) > usable_bytes() / 8 * 7) once = false;
  });
  on_devices(devices, [&](size_t at) {
    Tiles tiles(call, order, frame, chosen);
    const auto pairs = pairs_of(tiles.blocks(), once, at, devices.size());
    parts[at].side = tiles.side();
    for (const BlockPair& pair : pairs) parts[at].flop += tiles.flop(pair);
    parts[at].seconds = fewest_seconds(rounds, [&] {
      for (const BlockPair& pair : pairs) tiles.multiply(pair);
      tiles.wait();
    });
  });
  ProductsAlone all{.side = parts.front().side, .once = once};
  for (const ProductsAlone& part : parts) {
    all.seconds = std::max(all.seconds, part.seconds);
    all.flop += part.flop;
  }
  return all;
}

double upload_seconds(const kernels::Context& context, const kernels::Conditioned& rows,
                      int rounds) {
  const std::vector<int> devices = devices_of(context);
  const int64_t n = rows.x.rows();
  const std::vector<int32_t> order = kernels::shuffled(n);
  std::vector<double> seconds(devices.size());
  std::atomic<bool> fits = true;
  on_devices(devices, [&](size_t) {
    if (n * FeatureRows::bytes_a_row(rows.x.cols()) > usable_bytes()) fits = false;
  });
  if (!fits) return 0;
  on_devices(devices, [&](size_t at) {
    FeatureRows features(context, rows, n);
    const Stream stream;
    seconds[at] = fewest_seconds(rounds, [&] { features.upload(order, stream); });
  });
  return *std::ranges::max_element(seconds);
}

}  // namespace consilience::bench
