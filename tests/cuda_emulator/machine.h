#pragma once
#include <cuda_runtime_api.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/cuda_emulator/control.h"
#include "tests/cuda_emulator/random.h"

namespace consilience::cuda_emulator {

/// What recording has asked for and what has come to pass, by number.
struct EventState {
  int device = 0;
  uint64_t recorded = 0;
  uint64_t done = 0;
};

/// What a stream is to do. Without `run` it is about an event: to record it, or to wait for it.
struct Operation {
  std::function<void()> run;
  std::shared_ptr<EventState> event;
  uint64_t number = 0;
  bool waits = false;

  [[nodiscard]] bool can_run() const { return !waits || event->done >= number; }
};

/// A fault of a stream's device, told to each of its streams once.
struct Failure {
  std::exception_ptr error;
  bool told = false;
};

struct Stream {
  int device = 0;
  std::deque<Operation> queue;
  bool busy = false;
  bool destroyed = false;
  uint64_t pushed = 0;
  uint64_t done = 0;
  std::shared_ptr<Failure> failure;
};

struct Settings {
  uint64_t seed;
  int devices;
  size_t memory = size_t{1} << 30;
  size_t l2 = 64 << 10;
  Driver driver = Driver::good;
  bool held = false;
};

/// The emulated machine: streams are queues, and nothing is done before somebody waits (or, now and
/// then, by chance). Which stream goes on is drawn by lot. Any host thread may call it.
class Machine {
 public:
  static Machine& get();

  Settings& settings() { return settings_; }
  void set_seed(uint64_t seed);
  uint64_t draw();

  [[nodiscard]] cudaStream_t make_stream(int device);
  [[nodiscard]] cudaEvent_t make_event(int device);
  /// False where the handle is none.
  [[nodiscard]] bool destroy(cudaStream_t stream);
  [[nodiscard]] bool destroy(cudaEvent_t event);
  /// -1 where the handle is none. A null stream is the default one of the current device.
  [[nodiscard]] int device_of(cudaStream_t stream);

  /// These throw the fault of the stream's device, if there is one that this stream was not told.
  cudaError_t push(cudaStream_t stream, std::function<void()> run);
  cudaError_t record(cudaEvent_t event, cudaStream_t stream);
  cudaError_t hold_back(cudaStream_t stream, cudaEvent_t event);
  cudaError_t synchronize(cudaStream_t stream);
  cudaError_t synchronize(cudaEvent_t event);
  cudaError_t query(cudaStream_t stream);
  cudaError_t query(cudaEvent_t event);
  /// Until nothing is left to do on `device`. Throws nothing of what fails meanwhile.
  void drain(int device);
  void synchronize_device(int device);

  void add_fault(const std::string& what);  ///< one that cannot be thrown
  std::vector<std::string> untold_faults();
  std::vector<std::string> leaks();

  Counters counts;  // launches and products, under the lock of count()
  void count(int64_t Counters::*what);

 private:
  Machine();
  using Lock = std::unique_lock<std::mutex>;

  Stream* find(cudaStream_t stream);
  std::shared_ptr<EventState> find(cudaEvent_t event);
  cudaError_t push(Lock& lock, cudaStream_t stream, Operation operation);
  void run_until(Lock& lock, const std::function<bool()>& reached);
  void run_sometimes(Lock& lock);
  Stream* draw_runnable();
  void execute(Lock& lock, Stream& stream);
  void fail_device(int device, std::exception_ptr error);
  static void tell(Stream& stream);

  Settings settings_;
  Random random_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<cudaStream_t, std::unique_ptr<Stream>> streams_;
  std::map<int, std::unique_ptr<Stream>> default_streams_;
  std::map<cudaEvent_t, std::shared_ptr<EventState>> events_;
  std::vector<std::shared_ptr<Failure>> failures_;
  uintptr_t next_handle_ = 0x1000;
  int running_ = 0;
  size_t waiting_ = 0;  // operations in all queues
};

/// The current device of this host thread.
int& current_device();

}  // namespace consilience::cuda_emulator
