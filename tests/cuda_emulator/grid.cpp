#include "tests/cuda_emulator/grid.h"

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/cuda_emulator/block.h"

namespace consilience::cuda_emulator {
namespace {

/// A launch whose blocks several OS threads take one by one.
class Grid {
 public:
  Grid(const std::function<void()>& body, dim3 grid, dim3 block, uint64_t seed)
      : body_(body), grid_(grid), block_(block), seed_(seed) {
    order_.resize(size_t{grid.x} * grid.y * grid.z);
    std::iota(order_.begin(), order_.end(), 0U);
    Random random(seed);
    for (auto left = static_cast<uint32_t>(order_.size()); left > 1; --left)
      std::swap(order_[left - 1], order_[random.below(left)]);
  }

  void work() {
    thread_local Block runner;
    for (;;) {
      const size_t place = next_.fetch_add(1);
      if (place >= order_.size()) return;
      const uint32_t number = order_[place];
      const uint3 index = {number % grid_.x, number / grid_.x % grid_.y,
                           number / grid_.x / grid_.y};
      try {
        runner.run(body_, grid_, block_, index,
                   seed_ ^ (uint64_t{number} + 1) * 0xD1342543DE82EF95);
      } catch (...) {
        next_.store(order_.size());
        const std::scoped_lock lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
    }
  }
  [[nodiscard]] size_t blocks() const { return order_.size(); }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const std::function<void()>& body_;
  dim3 grid_;
  dim3 block_;
  uint64_t seed_;
  std::vector<uint32_t> order_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

/// One more OS thread for whoever runs a grid.
class Helper {
 public:
  ~Helper() {
    {
      const std::scoped_lock lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void run(Grid& grid) {
    if (grid.blocks() == 1) {
      grid.work();
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(&grid);
    }
    changed_.notify_all();
    grid.work();
    std::unique_lock lock(mutex_);
    std::erase(waiting_, &grid);
    changed_.wait(lock, [&] { return helped_ != &grid; });
  }

 private:
  void loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
      if (stop_) return;
      helped_ = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      helped_->work();
      lock.lock();
      helped_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Grid*> waiting_;
  Grid* helped_ = nullptr;
  bool stop_ = false;
  std::thread thread_{[this] { loop(); }};
};

}  // namespace

void run_grid(const std::function<void()>& body, dim3 grid, dim3 block, uint64_t seed) {
  static Helper helper;
  Grid launch(body, grid, block, seed);
  std::fenv_t before;
  std::feholdexcept(&before);
  std::fesetenv(
      FE_DFL_ENV);  // a device rounds to nearest and keeps subnormals, whatever the host does
  helper.run(launch);
  std::fesetenv(&before);
  launch.rethrow();
}

}  // namespace consilience::cuda_emulator
