#include "tests/cuda_emulator/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

#include "tests/cuda_emulator/fault.h"

namespace consilience::cuda_emulator {
namespace {

thread_local Block* running = nullptr;

const char* text_of(Collective what) {
  static constexpr const char* kNames[] = {
      "__syncthreads", "__syncthreads_or", "__syncthreads_and", "__syncthreads_count",
      "__syncwarp",    "__ballot_sync",    "__any_sync",        "__all_sync",
      "__shfl_sync",   "__shfl_up_sync",   "__shfl_down_sync",  "__shfl_xor_sync",
      "__reduce_sync"};
  return kNames[static_cast<size_t>(what)];
}

bool same(Where a, Where b) {
  return a.line() == b.line() && a.column() == b.column() &&
         (a.file_name() == b.file_name() || std::string_view(a.file_name()) == b.file_name());
}

uint3 position_of(unsigned thread, dim3 size) {
  return {thread % size.x, thread / size.x % size.y, thread / size.x / size.y};
}

}  // namespace

std::string Block::name_of(unsigned thread) const {
  const uint3 at = position_of(thread, blockDim);
  return fmt::format("thread ({}, {}, {}) of block ({}, {}, {})", at.x, at.y, at.z, blockIdx.x,
                     blockIdx.y, blockIdx.z);
}

void Block::run(const std::function<void()>& body, dim3 grid, dim3 block, uint3 index,
                uint64_t seed) {
  body_ = &body;
  gridDim = grid;
  blockDim = block;
  blockIdx = index;
  reset(block);
  Random random(seed);
  shared_.reset(random.next());
  running = this;
  try {
    while (!ready_.empty()) {
      std::swap(ready_[random.below(static_cast<uint32_t>(ready_.size()))], ready_.back());
      const unsigned thread = ready_.back();
      ready_.pop_back();
      step(thread);
      if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    }
    if (live_ > 0) fail_deadlock();
  } catch (...) {
    threads_.clear();  // with the stacks of what waits
    running = nullptr;
    throw;
  }
  running = nullptr;
}

void Block::reset(dim3 block) {
  live_ = block.x * block.y * block.z;
  threads_.resize(live_);
  for (unsigned thread = 0; thread < live_; ++thread)
    threads_[thread].position = position_of(thread, block);
  warps_.resize((live_ + kWarp - 1) / kWarp);
  for (Warp& warp : warps_) {
    warp.live = 0xFFFFFFFFU;
    warp.meetings.clear();
  }
  if (live_ % kWarp != 0) warps_.back().live = (1U << live_ % kWarp) - 1;
  barrier_.arrived.clear();
  ready_.resize(live_);
  for (unsigned thread = 0; thread < live_; ++thread) ready_[thread] = thread;
}

void Block::run_body(void* block) {
  auto* self = static_cast<Block*>(block);
  try {
    (*self->body_)();
  } catch (...) {
    self->failure_ = std::current_exception();
  }
}

void Block::step(unsigned thread) {
  current_ = thread;
  threadIdx = threads_[thread].position;
  std::unique_ptr<Fibre>& fibre = threads_[thread].fibre;
  bool ended;
  if (fibre) {
    ended = fibre->resume();
  } else {
    if (idle_.empty()) idle_.push_back(std::make_unique<Fibre>());
    fibre = std::move(idle_.back());
    idle_.pop_back();
    ended = fibre->run(run_body, this);
  }
  if (!ended) return;
  idle_.push_back(std::move(fibre));
  if (!failure_) end(thread);
}

void Block::end(unsigned thread) {
  --live_;
  warps_[thread / kWarp].live &= ~(1U << thread % kWarp);
  if (!warps_[thread / kWarp].meetings.empty()) finish_meetings(thread / kWarp);
  finish_barrier();
}

uint64_t Block::wait() {
  Thread& self = threads_[current_];
  self.fibre->pause();
  return self.value;
}

int Block::meet_block(Collective what, int value, Where where) {
  if (barrier_.arrived.empty()) {
    barrier_.what = what;
    barrier_.where = where;
    barrier_.value = what == Collective::syncthreads_and ? 1 : 0;
  } else if (barrier_.what != what || !same(barrier_.where, where)) {
    throw Fault(fmt::format("{}: {} reaches {} while {} waits at {} ({})", text_of(where),
                            name_of(current_), text_of(what), name_of(barrier_.arrived.front()),
                            text_of(barrier_.what), text_of(barrier_.where)));
  }
  const int flag = value != 0 ? 1 : 0;
  if (what == Collective::syncthreads_and) {
    barrier_.value &= flag;
  } else if (what == Collective::syncthreads_or) {
    barrier_.value |= flag;
  } else {
    barrier_.value += flag;
  }
  barrier_.arrived.push_back(current_);
  finish_barrier();
  return static_cast<int>(wait());
}

void Block::finish_barrier() {
  if (barrier_.arrived.empty() || barrier_.arrived.size() != live_) return;
  for (const unsigned thread : barrier_.arrived) {
    threads_[thread].value = static_cast<uint64_t>(barrier_.value);
    ready_.push_back(thread);
  }
  barrier_.arrived.clear();
}

uint64_t Block::exchange(Collective what, uint32_t mask, uint64_t value, unsigned source,
                         Where where) {
  return join({what, where, mask, nullptr, 0}, value, source);
}

uint32_t Block::meet_warp(Collective what, uint32_t mask, uint32_t value, Fold fold, Where where) {
  return static_cast<uint32_t>(join({what, where, mask, fold, 0}, value, lane()));
}

uint64_t Block::join(const Meeting& meeting, uint64_t value, unsigned source) {
  const uint32_t bit = 1U << lane();
  if ((meeting.mask & bit) == 0) {
    throw Fault(fmt::format("{}: {}: the mask {:#010x} does not name the caller, {} (lane {})",
                            text_of(meeting.where), text_of(meeting.what), meeting.mask,
                            name_of(current_), lane()));
  }
  auto& meetings = warps_[current_ / kWarp].meetings;
  auto found = meetings.begin();
  while (found != meetings.end() && (found->mask & meeting.mask) == 0) ++found;
  if (found == meetings.end()) {
    found = meetings.insert(found, meeting);
  } else if (found->mask != meeting.mask || found->what != meeting.what ||
             found->fold != meeting.fold || !same(found->where, meeting.where)) {
    fail_meeting(meeting, *found);
  }
  found->arrived |= bit;
  threads_[current_].value = value;
  threads_[current_].source = source;
  finish_meetings(current_ / kWarp);
  return wait();
}

void Block::fail_meeting(const Meeting& mine, const Meeting& other) const {
  throw Fault(fmt::format(
      "{}: {} (lane {}) reaches {} of mask {:#010x} while lanes {:#010x} of its warp wait at {} "
      "of mask {:#010x} ({})",
      text_of(mine.where), name_of(current_), lane(), text_of(mine.what), mine.mask, other.arrived,
      text_of(other.what), other.mask, text_of(other.where)));
}

void Block::finish_meetings(unsigned warp) {
  auto& meetings = warps_[warp].meetings;
  for (size_t m = 0; m < meetings.size();) {
    if (meetings[m].arrived == 0 ||
        (meetings[m].mask & warps_[warp].live & ~meetings[m].arrived) != 0) {
      ++m;
      continue;
    }
    finish(warp, meetings[m]);
    meetings.erase(meetings.begin() + static_cast<std::ptrdiff_t>(m));
  }
}

void Block::finish(unsigned warp, const Meeting& meeting) {
  Thread* lanes = threads_.data() + size_t{warp} * kWarp;
  const auto lowest = [](uint32_t left) { return static_cast<unsigned>(std::countr_zero(left)); };
  std::array<uint64_t, kWarp> brought;
  for (uint32_t left = meeting.arrived; left != 0; left &= left - 1)
    brought[lowest(left)] = lanes[lowest(left)].value;
  auto folded = static_cast<uint32_t>(brought[lowest(meeting.arrived)]);
  if (meeting.fold != nullptr) {
    for (uint32_t left = meeting.arrived & (meeting.arrived - 1); left != 0; left &= left - 1)
      folded = meeting.fold(folded, static_cast<uint32_t>(brought[lowest(left)]));
  }
  for (uint32_t left = meeting.arrived; left != 0; left &= left - 1) {
    const unsigned lane = lowest(left);
    const unsigned source = lanes[lane].source;
    if ((meeting.arrived >> source & 1U) == 0) {
      throw Fault(fmt::format("{}: {}: {} reads lane {}, which takes no part (lanes {:#010x} do)",
                              text_of(meeting.where), text_of(meeting.what),
                              name_of(warp * kWarp + lane), source, meeting.arrived));
    }
    lanes[lane].value = meeting.fold != nullptr ? folded : brought[source];
    ready_.push_back(warp * kWarp + lane);
  }
}

void Block::fail_deadlock() const {
  std::string text;
  for (const Warp& warp : warps_) {
    for (const Meeting& meeting : warp.meetings) {
      const auto base = static_cast<unsigned>(&warp - warps_.data()) * kWarp;
      text += fmt::format("; {}: lanes {:#010x} of warp {} wait at {} for lanes {:#010x}",
                          text_of(meeting.where), meeting.arrived, base / kWarp,
                          text_of(meeting.what), meeting.mask & warp.live & ~meeting.arrived);
    }
  }
  if (!barrier_.arrived.empty()) {
    text += fmt::format("; {}: {} of {} threads wait at {}, {} among them", text_of(barrier_.where),
                        barrier_.arrived.size(), live_, text_of(barrier_.what),
                        name_of(barrier_.arrived.front()));
  }
  throw Fault(
      fmt::format("block ({}, {}, {}) waits for ever{}", blockIdx.x, blockIdx.y, blockIdx.z, text));
}

int meet_block(Collective what, int value, Where where) {
  return running->meet_block(what, value, where);
}
uint64_t exchange(Collective what, uint32_t mask, uint64_t value, unsigned source, Where where) {
  return running->exchange(what, mask, value, source, where);
}
uint32_t meet_warp(Collective what, uint32_t mask, uint32_t value, Fold fold, Where where) {
  return running->meet_warp(what, mask, value, fold, where);
}
unsigned lane() { return running->lane(); }

void* shared_memory(const void* declaration, size_t size, size_t alignment, Where where) {
  return running->shared().find(declaration, size, alignment, where);
}

void fail_index(const char* name, int64_t index, int64_t count, Where declared) {
  throw Fault(
      fmt::format("{}: index {} of the shared array {} of {} elements, in thread ({}, {}, {}) of "
                  "block ({}, {}, {})",
                  text_of(declared), index, name, count, threadIdx.x, threadIdx.y, threadIdx.z,
                  blockIdx.x, blockIdx.y, blockIdx.z));
}

}  // namespace consilience::cuda_emulator
