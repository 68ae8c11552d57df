#pragma once
#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "models/device_runner.h"

namespace consilience::engine {

/// A device without hardware, which runs a model of the CPU. Nothing that is queued happens before
/// it must: in a seeded random order of the queues, as late as a wait allows. So memory that is
/// written or freed too early shows. Uninitialised memory is poisoned.
class FakeDevice : public models::DeviceRunner {
 public:
  explicit FakeDevice(models::Runner& model, uint64_t seed = 0) : model_(model), random_(seed) {}
  ~FakeDevice() override;

  // Faults, and what the test looks at.
  std::function<void(int64_t call)> before_call;  // may throw, or ask for a stop
  std::function<void(int64_t rows)> before_run;   // may throw
  bool eager = false;                             // everything happens at once
  int64_t broken_work = -1;                       // this piece of work fails, for a later call
  int64_t capacity = int64_t{1} << 40;            // bytes
  int64_t weights = 0;                            // bytes that are taken from the start
  int64_t bytes_a_token = 0;                      // what a run needs beside its buffers
  int64_t calls = 0;
  int64_t work_done = 0;
  int64_t allocations = 0;
  int64_t live_buffers = 0;
  int64_t live_events = 0;
  int64_t most_under_way = 0;  // runs queued and not fetched
  std::vector<int64_t> runs;   // rows of each

  [[nodiscard]] const models::ModelCard& card() const override { return model_.card(); }
  std::unique_ptr<models::Buffer> allocate_pinned(int64_t bytes) override;
  std::unique_ptr<models::Buffer> allocate(int64_t bytes, models::Queue first) override;
  void upload(models::Buffer& from, models::Buffer& to, int64_t bytes) override;
  void upload_pictures(std::span<const kernels::ConstPicture> pictures,
                       models::Buffer& to) override;
  void download(models::Buffer& from, models::Buffer& to, int64_t bytes) override;
  void run_tokens(models::Buffer& tokens, int64_t batch, int64_t length,
                  models::Buffer& features) override;
  void run_pixels(models::Buffer& pixels, int64_t batch, models::Buffer& features) override;
  void run_audio(models::Buffer& waveforms, int64_t batch, int64_t samples,
                 models::Buffer& features) override;
  std::unique_ptr<models::Event> record(models::Queue queue) override;
  void hold_back(models::Queue queue, models::Event& event) override;
  bool reached(models::Event& event) override;
  void wait(models::Event& event) override;
  void wait_for_all() override;
  models::DeviceMemory memory() override;
  void forget_unused() override;

 private:
  struct Memory;
  struct Mark;
  struct Moment;
  struct Work {
    std::function<void()> act;
    std::vector<const models::Buffer*> touched;
    std::shared_ptr<const Moment> after;
  };

  void enter();
  std::unique_ptr<models::Buffer> take(int64_t bytes, bool on_device);
  void queue(models::Queue where, Work work);
  void need(int64_t bytes);
  bool step();
  void check_freed(const models::Buffer& buffer) const;
  void run(int64_t batch, int64_t tokens, models::Buffer& input, models::Buffer& features,
           std::function<models::BatchFeatures()> model);

  models::Runner& model_;
  std::mt19937_64 random_;
  std::array<std::deque<Work>, 3> queues_;
  std::string broken_;  // what the device says from now on
  int64_t used_ = 0;
  int64_t most_used_ = 0;
  int64_t under_way_ = 0;
};

}  // namespace consilience::engine
