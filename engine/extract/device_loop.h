#pragma once
#include <array>
#include <functional>
#include <memory>

#include "engine/extract/batch.h"
#include "models/device_runner.h"

namespace consilience::engine::extraction {

/// Batches through a device: one goes up while another runs and a third comes down. Each has
/// memory of its own, which is used again only once its features have been fetched.
class DeviceLoop {
 public:
  static constexpr size_t kBatches = 3;  // under way at most
  using Finish = std::function<void(const Batch&, const models::BatchFeatures&)>;

  /// `finish` gets the batches in the order of submit(). The runner must outlive this.
  DeviceLoop(models::DeviceRunner& runner, Finish finish);
  /// Waits for what is under way, and drops it.
  ~DeviceLoop();
  DeviceLoop(const DeviceLoop&) = delete;
  DeviceLoop& operator=(const DeviceLoop&) = delete;

  /// Waits only for memory: the batch's own features come with a later call. After an exception
  /// (Error(out_of_memory) among them) nothing but destruction is left.
  void submit(const PreparedBatch& prepared);
  /// Hands on everything that is still under way.
  void finish();

 private:
  struct Slot {
    Batch batch;
    std::unique_ptr<models::Buffer> pinned_input, input, features, pinned_features;
    std::unique_ptr<models::Event> fetched;  // none: a batch without rows
    bool taken = false;
  };

  void fill(Slot& slot, const PreparedBatch& prepared);
  void upload(Slot& slot, const PreparedBatch& prepared);
  void run(Slot& slot);
  void collect(Slot& slot);
  void collect_what_is_there();
  [[nodiscard]] Slot& oldest() { return slots_[oldest_ % kBatches]; }

  models::DeviceRunner& runner_;
  Finish finish_;
  std::array<Slot, kBatches> slots_;
  size_t newest_ = 0;  // batches submitted
  size_t oldest_ = 0;  // batches handed on
};

}  // namespace consilience::engine::extraction
