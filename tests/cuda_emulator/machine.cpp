#include "tests/cuda_emulator/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "tests/cuda_emulator/fault.h"
#include "tests/cuda_emulator/memory.h"

namespace consilience::cuda_emulator {
namespace {

constexpr size_t kLongQueue = 256;
constexpr uint32_t kSometimes = 8;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace

int& current_device() {
  thread_local int device = 0;
  return device;
}

Machine& Machine::get() {
  static Machine machine;
  return machine;
}

Machine::Machine()
    : settings_{.seed = from_environment("CONSILIENCE_EMULATOR_SEED", 1),
                .devices = static_cast<int>(from_environment("CONSILIENCE_EMULATED_DEVICES", 1))},
      random_(settings_.seed) {}

void Machine::set_seed(uint64_t seed) {
  const Lock lock(mutex_);
  settings_.seed = seed;
  random_ = Random(seed);
}

uint64_t Machine::draw() {
  const Lock lock(mutex_);
  return random_.next();
}

void Machine::count(int64_t Counters::*what) {
  const Lock lock(mutex_);
  ++(counts.*what);
}

cudaStream_t Machine::make_stream(int device) {
  const Lock lock(mutex_);
  auto stream = std::make_unique<Stream>();
  stream->device = device;
  const auto handle = reinterpret_cast<cudaStream_t>(next_handle_ += 16);
  streams_.emplace(handle, std::move(stream));
  return handle;
}

cudaEvent_t Machine::make_event(int device) {
  const Lock lock(mutex_);
  const auto handle = reinterpret_cast<cudaEvent_t>(next_handle_ += 16);
  events_.emplace(handle, std::make_shared<EventState>(EventState{.device = device}));
  return handle;
}

Stream* Machine::find(cudaStream_t stream) {
  if (stream == nullptr) {
    auto& made = default_streams_[current_device()];
    if (!made) {
      made = std::make_unique<Stream>();
      made->device = current_device();
    }
    return made.get();
  }
  const auto found = streams_.find(stream);
  return found == streams_.end() || found->second->destroyed ? nullptr : found->second.get();
}

std::shared_ptr<EventState> Machine::find(cudaEvent_t event) {
  const auto found = events_.find(event);
  return found == events_.end() ? nullptr : found->second;
}

int Machine::device_of(cudaStream_t stream) {
  const Lock lock(mutex_);
  const Stream* found = find(stream);
  return found == nullptr ? -1 : found->device;
}

bool Machine::destroy(cudaStream_t stream) {
  const Lock lock(mutex_);
  if (stream == nullptr || find(stream) == nullptr) return false;
  Stream& found = *streams_.at(stream);
  found.destroyed = true;  // what is queued still runs
  if (found.queue.empty() && !found.busy) streams_.erase(stream);
  return true;
}

bool Machine::destroy(cudaEvent_t event) {
  const Lock lock(mutex_);
  return events_.erase(event) == 1;
}

cudaError_t Machine::push(Lock& lock, cudaStream_t stream, Operation operation) {
  Stream* found = find(stream);
  if (found == nullptr) return cudaErrorInvalidResourceHandle;
  tell(*found);
  found->queue.push_back(std::move(operation));
  ++found->pushed;
  ++waiting_;
  run_sometimes(lock);
  return cudaSuccess;
}

cudaError_t Machine::push(cudaStream_t stream, std::function<void()> run) {
  Lock lock(mutex_);
  return push(lock, stream, {.run = std::move(run), .event = nullptr});
}

cudaError_t Machine::record(cudaEvent_t event, cudaStream_t stream) {
  Lock lock(mutex_);
  const auto state = find(event);
  const Stream* found = find(stream);
  if (!state || found == nullptr || found->device != state->device) {
    return cudaErrorInvalidResourceHandle;
  }
  return push(lock, stream, {.run = {}, .event = state, .number = ++state->recorded});
}

cudaError_t Machine::hold_back(cudaStream_t stream, cudaEvent_t event) {
  Lock lock(mutex_);
  const auto state = find(event);
  if (!state) return cudaErrorInvalidResourceHandle;
  return push(lock, stream, {.run = {}, .event = state, .number = state->recorded, .waits = true});
}

cudaError_t Machine::synchronize(cudaStream_t stream) {
  Lock lock(mutex_);
  Stream* found = find(stream);
  if (found == nullptr) return cudaErrorInvalidResourceHandle;
  const uint64_t until = found->pushed;
  run_until(lock, [&] { return found->done >= until; });
  tell(*found);
  return cudaSuccess;
}

cudaError_t Machine::synchronize(cudaEvent_t event) {
  Lock lock(mutex_);
  const auto state = find(event);
  if (!state) return cudaErrorInvalidResourceHandle;
  const uint64_t until = state->recorded;
  run_until(lock, [&] { return state->done >= until; });
  for (const auto& failure : failures_) {  // whichever stream the event was recorded on
    if (failure->told) continue;
    failure->told = true;
    std::rethrow_exception(failure->error);
  }
  return cudaSuccess;
}

cudaError_t Machine::query(cudaStream_t stream) {
  Lock lock(mutex_);
  Stream* found = find(stream);
  if (found == nullptr) return cudaErrorInvalidResourceHandle;
  run_sometimes(lock);
  tell(*found);
  return found->done == found->pushed ? cudaSuccess : cudaErrorNotReady;
}

cudaError_t Machine::query(cudaEvent_t event) {
  Lock lock(mutex_);
  const auto state = find(event);
  if (!state) return cudaErrorInvalidResourceHandle;
  run_sometimes(lock);
  return state->done == state->recorded ? cudaSuccess : cudaErrorNotReady;
}

void Machine::drain(int device) {
  Lock lock(mutex_);
  run_until(lock, [&] {
    const auto idle = [&](const auto& entry) {
      const Stream& stream = *entry.second;
      return stream.device != device || (stream.queue.empty() && !stream.busy);
    };
    return std::ranges::all_of(streams_, idle) && std::ranges::all_of(default_streams_, idle);
  });
}

void Machine::synchronize_device(int device) {
  drain(device);
  const Lock lock(mutex_);
  for (const auto& [handle, stream] : streams_)
    if (stream->device == device) tell(*stream);
  for (const auto& [number, stream] : default_streams_)
    if (number == device) tell(*stream);
}

void Machine::tell(Stream& stream) {
  const auto failure = std::exchange(stream.failure, nullptr);
  if (!failure) return;
  failure->told = true;
  std::rethrow_exception(failure->error);
}

void Machine::run_until(Lock& lock, const std::function<bool()>& reached) {
  while (!reached()) {
    if (Stream* stream = draw_runnable()) {
      execute(lock, *stream);
    } else if (running_ > 0) {
      changed_.wait(lock);  // another host thread runs what must come first
    } else {
      throw std::logic_error("emulator: a stream waits for what nothing brings about");
    }
  }
}

void Machine::run_sometimes(Lock& lock) {
  size_t enough = waiting_ > kLongQueue ? kLongQueue / 2 : waiting_;
  if (random_.below(kSometimes) == 0 && enough > 0) --enough;
  while (waiting_ > enough) {
    Stream* stream = draw_runnable();
    if (stream == nullptr) return;
    execute(lock, *stream);
  }
}

Stream* Machine::draw_runnable() {
  Stream* drawn = nullptr;
  uint32_t seen = 0;
  const auto consider = [&](Stream& stream) {
    if (stream.busy || stream.queue.empty() || !stream.queue.front().can_run()) return;
    if (random_.below(++seen) == 0) drawn = &stream;
  };
  for (const auto& [handle, stream] : streams_) consider(*stream);
  for (const auto& [device, stream] : default_streams_) consider(*stream);
  return drawn;
}

void Machine::execute(Lock& lock, Stream& stream) {
  Operation operation = std::move(stream.queue.front());
  stream.queue.pop_front();
  --waiting_;
  stream.busy = true;
  ++running_;
  std::exception_ptr error;
  if (operation.run) {
    lock.unlock();
    Memory::get().open();
    try {
      operation.run();
    } catch (...) {
      error = std::current_exception();
    }
    operation.run = {};
    Memory::get().close();
    lock.lock();
  } else if (!operation.waits) {
    operation.event->done = std::max(operation.event->done, operation.number);
  }
  stream.busy = false;
  --running_;
  ++stream.done;
  if (error) fail_device(stream.device, error);
  std::erase_if(streams_, [](const auto& entry) {
    const Stream& other = *entry.second;
    return other.destroyed && other.queue.empty() && !other.busy;
  });
  changed_.notify_all();
}

/// Nothing that is queued on the device is done any more, and all its streams tell why.
void Machine::fail_device(int device, std::exception_ptr error) {
  const auto failure = std::make_shared<Failure>(Failure{std::move(error)});
  failures_.push_back(failure);
  const auto stop = [&](Stream& stream) {
    if (stream.device != device) return;
    for (const Operation& operation : stream.queue) {
      if (operation.event && !operation.waits) {
        operation.event->done = std::max(operation.event->done, operation.number);
      }
    }
    waiting_ -= stream.queue.size();
    stream.done += stream.queue.size();
    stream.queue.clear();
    stream.failure = failure;
  };
  for (const auto& [handle, stream] : streams_) stop(*stream);
  for (const auto& [number, stream] : default_streams_) stop(*stream);
}

void Machine::add_fault(const std::string& what) {
  const Lock lock(mutex_);
  failures_.push_back(std::make_shared<Failure>(Failure{std::make_exception_ptr(Fault(what))}));
}

std::vector<std::string> Machine::untold_faults() {
  const Lock lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& failure : failures_) {
    if (failure->told) continue;
    try {
      std::rethrow_exception(failure->error);
    } catch (const std::exception& error) {
      lines.emplace_back(error.what());
    }
  }
  failures_.clear();
  return lines;
}

std::vector<std::string> Machine::leaks() {
  std::vector<std::string> lines = Memory::get().leaks();
  const Lock lock(mutex_);
  if (!events_.empty()) lines.push_back(fmt::format("{} events", events_.size()));
  const auto live =
      std::ranges::count_if(streams_, [](const auto& entry) { return !entry.second->destroyed; });
  if (live > 0) lines.push_back(fmt::format("{} streams", live));
  return lines;
}

void set_seed(uint64_t seed) { Machine::get().set_seed(seed); }
void set_devices(int count) { Machine::get().settings().devices = count; }
void set_memory(size_t bytes) { Machine::get().settings().memory = bytes; }
void set_l2(size_t bytes) { Machine::get().settings().l2 = bytes; }
void set_driver(Driver driver) { Machine::get().settings().driver = driver; }
void set_held(bool held) { Machine::get().settings().held = held; }

Counters counters() {
  Counters now = Machine::get().counts;
  for (int device = 0; device < Machine::get().settings().devices; ++device)
    now.live_bytes += Memory::get().live(device);
  now.peak_bytes = Memory::get().peak();
  return now;
}

void reset_counters() {
  Machine::get().counts = {};
  Memory::get().reset_peak();
}

std::vector<std::string> leaks() { return Machine::get().leaks(); }
std::vector<std::string> untold_faults() { return Machine::get().untold_faults(); }

}  // namespace consilience::cuda_emulator
