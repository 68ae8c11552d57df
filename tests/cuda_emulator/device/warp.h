#pragma once
#include <bit>
#include <cstring>

#include "tests/cuda_emulator/device_thread.h"

/// The barriers and warp intrinsics, as device code calls them.
namespace consilience::cuda_emulator {

/// What lanes hand each other: 4 or 8 bytes.
template <typename T>
concept Exchanged = sizeof(T) <= 8 && std::is_trivially_copyable_v<T>;

template <Exchanged T>
T shuffle(Collective what, unsigned mask, T value, unsigned source, Where where) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = exchange(what, mask, bits, source, where);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

inline unsigned segment(int width) { return lane() & ~static_cast<unsigned>(width - 1); }

}  // namespace consilience::cuda_emulator

#define EMULATED_WHERE \
  ::consilience::cuda_emulator::Where where = ::consilience::cuda_emulator::Where::current()

inline void __syncthreads(EMULATED_WHERE) {
  consilience::cuda_emulator::meet_block(consilience::cuda_emulator::Collective::syncthreads, 0,
                                         where);
}
inline int __syncthreads_or(int value, EMULATED_WHERE) {
  return consilience::cuda_emulator::meet_block(
      consilience::cuda_emulator::Collective::syncthreads_or, value, where);
}
inline int __syncthreads_and(int value, EMULATED_WHERE) {
  return consilience::cuda_emulator::meet_block(
      consilience::cuda_emulator::Collective::syncthreads_and, value, where);
}
inline int __syncthreads_count(int value, EMULATED_WHERE) {
  return consilience::cuda_emulator::meet_block(
      consilience::cuda_emulator::Collective::syncthreads_count, value, where);
}

inline void __syncwarp(unsigned mask = 0xFFFFFFFFU, EMULATED_WHERE) {
  consilience::cuda_emulator::exchange(consilience::cuda_emulator::Collective::syncwarp, mask, 0,
                                       consilience::cuda_emulator::lane(), where);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, EMULATED_WHERE) {
  return consilience::cuda_emulator::meet_warp(
      consilience::cuda_emulator::Collective::ballot, mask,
      predicate != 0 ? 1U << consilience::cuda_emulator::lane() : 0U,
      [](uint32_t a, uint32_t b) { return a | b; }, where);
}
inline int __any_sync(unsigned mask, int predicate, EMULATED_WHERE) {
  return static_cast<int>(consilience::cuda_emulator::meet_warp(
      consilience::cuda_emulator::Collective::any, mask, predicate != 0,
      [](uint32_t a, uint32_t b) { return a | b; }, where));
}
inline int __all_sync(unsigned mask, int predicate, EMULATED_WHERE) {
  return static_cast<int>(consilience::cuda_emulator::meet_warp(
      consilience::cuda_emulator::Collective::all, mask, predicate != 0,
      [](uint32_t a, uint32_t b) { return a & b; }, where));
}

template <consilience::cuda_emulator::Exchanged T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, EMULATED_WHERE) {
  using namespace consilience::cuda_emulator;
  const unsigned within = static_cast<unsigned>(source) & static_cast<unsigned>(width - 1);
  return shuffle(Collective::shfl, mask, value, segment(width) | within, where);
}
template <consilience::cuda_emulator::Exchanged T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATED_WHERE) {
  using namespace consilience::cuda_emulator;
  const unsigned self = lane();
  const bool within = self - segment(width) >= delta;
  return shuffle(Collective::shfl_up, mask, value, within ? self - delta : self, where);
}
template <consilience::cuda_emulator::Exchanged T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, EMULATED_WHERE) {
  using namespace consilience::cuda_emulator;
  const unsigned self = lane();
  const bool within = self - segment(width) + delta < static_cast<unsigned>(width);
  return shuffle(Collective::shfl_down, mask, value, within ? self + delta : self, where);
}
template <consilience::cuda_emulator::Exchanged T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, EMULATED_WHERE) {
  using namespace consilience::cuda_emulator;
  const unsigned self = lane();
  const unsigned source = self ^ static_cast<unsigned>(lanes);
  const bool within = source < segment(width) + static_cast<unsigned>(width);
  return shuffle(Collective::shfl_xor, mask, value, within ? source : self, where);
}

#define EMULATED_REDUCE(name, T, expression)                                                  \
  inline T name(unsigned mask, T value, EMULATED_WHERE) {                                     \
    return static_cast<T>(::consilience::cuda_emulator::meet_warp(                            \
        ::consilience::cuda_emulator::Collective::reduce, mask, static_cast<uint32_t>(value), \
        [](uint32_t x, uint32_t y) {                                                          \
          [[maybe_unused]] const auto a = static_cast<T>(x);                                  \
          [[maybe_unused]] const auto b = static_cast<T>(y);                                  \
          return static_cast<uint32_t>(expression);                                           \
        },                                                                                    \
        where));                                                                              \
  }
EMULATED_REDUCE(__reduce_add_sync, unsigned, a + b)
EMULATED_REDUCE(__reduce_add_sync, int, x + y)
EMULATED_REDUCE(__reduce_min_sync, unsigned, a < b ? a : b)
EMULATED_REDUCE(__reduce_min_sync, int, a < b ? a : b)
EMULATED_REDUCE(__reduce_max_sync, unsigned, a > b ? a : b)
EMULATED_REDUCE(__reduce_max_sync, int, a > b ? a : b)
EMULATED_REDUCE(__reduce_and_sync, unsigned, a& b)
EMULATED_REDUCE(__reduce_or_sync, unsigned, a | b)
EMULATED_REDUCE(__reduce_xor_sync, unsigned, a ^ b)
#undef EMULATED_REDUCE
