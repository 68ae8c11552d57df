#pragma once
#include <cstdint>

/// Atomic operations on global and shared memory. Blocks run on several OS threads.
#define EMULATED_ATOMIC(name, T, expression)                                             \
  inline T name(T* address, T value) {                                                   \
    T old = __atomic_load_n(address, __ATOMIC_RELAXED);                                  \
    while (!__atomic_compare_exchange_n(address, &old, static_cast<T>(expression), true, \
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {           \
    }                                                                                    \
    return old;                                                                          \
  }
#define EMULATED_ATOMICS(T)                                                        \
  inline T atomicAdd(T* address, T value) {                                        \
    return __atomic_fetch_add(address, value, __ATOMIC_SEQ_CST);                   \
  }                                                                                \
  inline T atomicOr(T* address, T value) {                                         \
    return __atomic_fetch_or(address, value, __ATOMIC_SEQ_CST);                    \
  }                                                                                \
  inline T atomicAnd(T* address, T value) {                                        \
    return __atomic_fetch_and(address, value, __ATOMIC_SEQ_CST);                   \
  }                                                                                \
  inline T atomicXor(T* address, T value) {                                        \
    return __atomic_fetch_xor(address, value, __ATOMIC_SEQ_CST);                   \
  }                                                                                \
  inline T atomicExch(T* address, T value) {                                       \
    return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);                  \
  }                                                                                \
  inline T atomicCAS(T* address, T compare, T value) {                             \
    __atomic_compare_exchange_n(address, &compare, value, false, __ATOMIC_SEQ_CST, \
                                __ATOMIC_SEQ_CST);                                 \
    return compare;                                                                \
  }                                                                                \
  EMULATED_ATOMIC(atomicMin, T, value < old ? value : old)                         \
  EMULATED_ATOMIC(atomicMax, T, value > old ? value : old)
EMULATED_ATOMICS(int)
EMULATED_ATOMICS(unsigned)
EMULATED_ATOMICS(unsigned long long)
EMULATED_ATOMIC(atomicMin, long long, value < old ? value : old)
EMULATED_ATOMIC(atomicMax, long long, value > old ? value : old)
#undef EMULATED_ATOMICS
#undef EMULATED_ATOMIC
inline int atomicSub(int* address, int value) { return atomicAdd(address, -value); }
inline unsigned atomicSub(unsigned* address, unsigned value) {
  return atomicAdd(address, 0U - value);
}

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
