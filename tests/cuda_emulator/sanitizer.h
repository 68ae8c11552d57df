#pragma once
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/// What AddressSanitizer is told; nothing in builds without it.
namespace consilience::cuda_emulator {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
inline void poison(const volatile void* at, size_t size) { __asan_poison_memory_region(at, size); }
inline void unpoison(const volatile void* at, size_t size) {
  __asan_unpoison_memory_region(at, size);
}
inline void start_switch(void** save, const void* stack, size_t size) {
  __sanitizer_start_switch_fiber(save, stack, size);
}
inline void finish_switch(void* saved, const void** stack, size_t* size) {
  __sanitizer_finish_switch_fiber(saved, stack, size);
}
#else
inline constexpr bool kAddressSanitizer = false;
inline void poison(const volatile void*, size_t) {}
inline void unpoison(const volatile void*, size_t) {}
inline void start_switch(void**, const void*, size_t) {}
inline void finish_switch(void*, const void**, size_t*) {}
#endif

}  // namespace consilience::cuda_emulator
