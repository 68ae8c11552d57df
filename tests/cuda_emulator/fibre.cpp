#include "tests/cuda_emulator/fibre.h"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

#include "tests/cuda_emulator/sanitizer.h"

namespace consilience::cuda_emulator {
namespace {

constexpr size_t kStack = kAddressSanitizer ? 256 << 10 : 64 << 10;

/// Stacks that all began at one place of their page would fight for the same few cache lines.
size_t next_offset() {
  thread_local size_t made = 0;
  return made++ % 64 * 5 * 64;
}

size_t page() {
  static const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

}  // namespace

Fibre::Fibre() {
  void* memory = mmap(nullptr, kStack + 2 * page(), PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<char*>(memory);
  if (mprotect(memory_ + page(), kStack, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
  const size_t offset = next_offset();
  inside_ = boost::context::detail::make_fcontext(memory_ + page() + kStack - offset,
                                                  kStack - offset, loop);
}

Fibre::~Fibre() {
  unpoison(memory_ + page(), kStack);
  munmap(memory_, kStack + 2 * page());
}

void Fibre::loop(boost::context::detail::transfer_t from) {
  auto* fibre = static_cast<Fibre*>(from.data);
  fibre->outside_ = from.fctx;
  finish_switch(nullptr, &fibre->outside_stack_, &fibre->outside_size_);
  for (;;) {
    fibre->body_(fibre->argument_);
    fibre->ended_ = true;
    fibre->leave();
  }
}

void Fibre::leave() {
  start_switch(&inside_shadow_, outside_stack_, outside_size_);
  outside_ = boost::context::detail::jump_fcontext(outside_, nullptr).fctx;
  finish_switch(inside_shadow_, &outside_stack_, &outside_size_);
}

bool Fibre::run(Body body, void* argument) {
  body_ = body;
  argument_ = argument;
  ended_ = false;
  return resume();
}

bool Fibre::resume() {
  void* outside_shadow = nullptr;
  start_switch(&outside_shadow, memory_ + page(), kStack);
  inside_ = boost::context::detail::jump_fcontext(inside_, this).fctx;
  finish_switch(outside_shadow, nullptr, nullptr);
  return ended_;
}

void Fibre::pause() { leave(); }

}  // namespace consilience::cuda_emulator
