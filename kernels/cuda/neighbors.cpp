#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <numeric>

#include "kernels/cuda/dense_ranking.h"
#include "kernels/cuda/device_algorithms.h"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/device_threads.h"
#include "kernels/cuda/query_search.h"
#include "kernels/cuda/self_search.h"
#include "kernels/ops/backends.h"

namespace consilience::kernels::cuda {
namespace {

constexpr int64_t kFewQueries = 16;  // up to so many, packing the gallery costs more than it saves
constexpr int64_t kFewKinds = 4;     // times k + 1: most rows would be candidates

/// Piece `at` of `parts` pieces of nearly one size.
std::span<const int32_t> piece_of(std::span<const int32_t> rows, size_t at, size_t parts) {
  const size_t begin = rows.size() * at / parts;
  return rows.subspan(begin, rows.size() * (at + 1) / parts - begin);
}

std::vector<int32_t> order_on_device(std::span<const uint64_t> keys) {
  std::vector<int32_t> order(keys.size());
  std::iota(order.begin(), order.end(), 0);
  const Stream stream;
  DeviceBuffer<uint64_t> sorted(std::ssize(keys));
  DeviceBuffer<int32_t> indices(std::ssize(keys));
  sorted.upload(keys, stream);
  indices.upload(order, stream);
  sort_by_key(sorted.data(), indices.data(), std::ssize(keys), stream);
  return indices.download(std::ssize(keys), stream);
}

class Tiers {
 public:
  Tiers(const NeighborCall& call, const std::vector<int>& devices)
      : call_(call),
        devices_(devices),
        order_(call),
        frame_(call.gallery_features, call.kinds.rows(), call.params.similarity) {}

  NeighborWork run(std::vector<int32_t> left) {
    NeighborWork work;
    bool all = true;
    for (const Arithmetic arithmetic : {Arithmetic::f16, Arithmetic::f32}) {
      if (all) work.arithmetic = name_of(arithmetic);
      std::vector<int32_t> undecided;
      if (!run(arithmetic, left, all, work, undecided)) continue;
      all = false;
      left = std::move(undecided);
      work.redone += std::ssize(left);
      if (std::ssize(left) <= kFewQueries) break;
    }
    std::ranges::sort(left);
    on_devices(devices_, [&](size_t at) { rank_all(call_, piece_of(left, at, devices_.size())); });
    return work;
  }

 private:
  /// False: this arithmetic is too coarse for these rows, nothing was found.
  bool run(Arithmetic arithmetic, std::span<const int32_t> queries, bool all, NeighborWork& work,
           std::vector<int32_t>& undecided) {
    if (all && call_.symmetric && fits_everywhere(arithmetic)) {
      return find_selves(arithmetic, work, undecided);
    }
    const bool may_refuse = all && arithmetic == Arithmetic::f16;
    std::atomic<bool> refused = false;
    std::mutex mutex;
    on_devices(devices_, [&](size_t at) {
      const auto mine = piece_of(queries, at, devices_.size());
      if (mine.empty()) return;
      QuerySearch search(call_, order_, frame_, arithmetic, std::ssize(mine));
      std::vector<int32_t> left;
      int64_t candidates = 0;
      const auto step = static_cast<size_t>(search.capacity());
      for (size_t first = 0; first < mine.size() && !refused; first += step) {
        const auto some = mine.subspan(first, std::min(step, mine.size() - first));
        if (!search.run(some, may_refuse && first == 0, left, candidates)) refused = true;
      }
      const std::lock_guard lock(mutex);
      undecided.insert(undecided.end(), left.begin(), left.end());
      work.candidates += candidates;
    });
    if (refused) undecided.clear();
    return !refused;
  }

  [[nodiscard]] bool fits_everywhere(Arithmetic arithmetic) const {
    return std::ranges::all_of(devices_, [&](int device) {
      const CurrentDevice current(device);
      return SelfSearch::bytes(call_, arithmetic) <= usable_bytes() / 8 * 7;
    });
  }

  /// The queries are the gallery.
  bool find_selves(Arithmetic arithmetic, NeighborWork& work, std::vector<int32_t>& undecided) {
    const size_t count = devices_.size();
    std::vector<std::unique_ptr<SelfSearch>> searches(count);
    const auto on_each = [&](const auto& body) {
      on_devices(devices_, [&](size_t at) { body(at, searches[at]); });
    };
    // Whatever happens, what a device holds is released with that device current.
    struct Release {
      const decltype(on_each)& each;
      ~Release() {
        each([](size_t, auto& search) { search.reset(); });
      }
    } const release{on_each};

    std::atomic<int64_t> given_up = 0;
    on_each([&](size_t at, auto& search) {
      search = std::make_unique<SelfSearch>(call_, order_, frame_, arithmetic);
      for (int64_t b = static_cast<int64_t>(at); b < search->blocks();
           b += static_cast<int64_t>(count)) {
        search->scan_within(b);
      }
      given_up += search->given_up();
    });
    if (arithmetic == Arithmetic::f16 && 20 * given_up > order_.size()) return false;

    on_each([&](size_t at, auto& search) {
      const auto pairs = circulant_pairs(search->blocks());
      for (size_t pair = at; pair < pairs.size(); pair += count) search->scan(pairs[pair]);
      search->finish();
    });
    std::vector<ListPart> parts;
    for (size_t at = 0; at < count; ++at) {
      parts.push_back({devices_[at], &searches[at]->lists(), &searches[at]->stream()});
    }
    const CurrentDevice first(devices_.front());
    const ListProof proof = searches.front()->proof();
    const auto outcasts = searches.front()->outcasts();
    undecided = rank_lists(
        call_, order_, frame_, parts, proof, outcasts,
        [&](int64_t p) { return call_.kinds.members(order_.kinds[static_cast<size_t>(p)]); },
        work.candidates);
    return true;
  }

  const NeighborCall& call_;
  const std::vector<int>& devices_;
  GalleryOrder order_;
  ResidualFrame frame_;
};

}  // namespace

NeighborWork neighbors(const Context& context, const Conditioned& queries,
                       const Conditioned& gallery, const NeighborParams& params,
                       NeighborLists out) {
  const std::vector<int> devices = devices_of(context);
  const NeighborCall call = [&] {
    const CurrentDevice first(devices.front());
    return NeighborCall(context, queries, gallery, params, out, order_on_device);
  }();
  std::vector<int32_t> all(static_cast<size_t>(queries.x.rows()));
  std::iota(all.begin(), all.end(), 0);
  if (call.kinds.size() > kFewKinds * (params.k + 1) && std::ssize(all) > kFewQueries) {
    return Tiers(call, devices).run(std::move(all));
  }
  on_devices(devices, [&](size_t at) { rank_all(call, piece_of(all, at, devices.size())); });
  NeighborWork work;
  work.candidates = std::ssize(all) * call.kinds.size();
  return work;
}

}  // namespace consilience::kernels::cuda
