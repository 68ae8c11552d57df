#pragma once
#include <array>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/cuda_emulator/device_thread.h"
#include "tests/cuda_emulator/fibre.h"
#include "tests/cuda_emulator/random.h"
#include "tests/cuda_emulator/shared_memory.h"

namespace consilience::cuda_emulator {

/// Runs blocks of CUDA threads, one block after the other, on one OS thread. A thread runs until it
/// ends or must wait for others; who runs next is drawn by lot.
class Block {
 public:
  /// `body` once for every thread. Throws Fault where threads wait for others that never come.
  void run(const std::function<void()>& body, dim3 grid, dim3 block, uint3 index, uint64_t seed);

  // For the thread that runs:
  int meet_block(Collective what, int value, Where where);
  uint64_t exchange(Collective what, uint32_t mask, uint64_t value, unsigned source, Where where);
  uint32_t meet_warp(Collective what, uint32_t mask, uint32_t value, Fold fold, Where where);
  [[nodiscard]] unsigned lane() const { return current_ % kWarp; }
  SharedMemory& shared() { return shared_; }

 private:
  static constexpr unsigned kWarp = 32;

  struct Thread {
    std::unique_ptr<Fibre> fibre;  // none before the start and after the end
    uint64_t value = 0;            // what it brings to a meeting, and then what it gets
    unsigned source = 0;           // the lane whose value it asks for
    uint3 position = {};
  };
  /// Lanes of one mask that wait for each other.
  struct Meeting {
    Collective what;
    Where where;
    uint32_t mask;
    Fold fold;
    uint32_t arrived;
  };
  struct Warp {
    uint32_t live = 0;
    std::vector<Meeting> meetings;
  };
  struct Barrier {
    Collective what = Collective::syncthreads;
    Where where;
    int value = 0;
    std::vector<unsigned> arrived;
  };

  void reset(dim3 block);
  void step(unsigned thread);
  static void run_body(void* block);
  void end(unsigned thread);
  uint64_t wait();
  uint64_t join(const Meeting& meeting, uint64_t value, unsigned source);
  void finish_meetings(unsigned warp);
  void finish(unsigned warp, const Meeting& meeting);
  [[noreturn]] void fail_meeting(const Meeting& mine, const Meeting& other) const;
  void finish_barrier();
  [[noreturn]] void fail_deadlock() const;
  [[nodiscard]] std::string name_of(unsigned thread) const;

  const std::function<void()>* body_ = nullptr;
  unsigned current_ = 0;
  unsigned live_ = 0;
  std::exception_ptr failure_;
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  Barrier barrier_;
  std::vector<unsigned> ready_;
  std::vector<std::unique_ptr<Fibre>> idle_;
  SharedMemory shared_;
};

}  // namespace consilience::cuda_emulator
