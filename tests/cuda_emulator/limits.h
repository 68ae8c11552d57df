#pragma once

/// What the emulated devices can, after compute capability 8.0.
namespace consilience::cuda_emulator {

inline constexpr int kMultiProcessors = 4;
inline constexpr int kMaxThreads = 1024;
inline constexpr int kMaxThreadsZ = 64;
inline constexpr unsigned kMaxGridX = 0x7FFFFFFF;
inline constexpr unsigned kMaxGridYZ = 65535;
inline constexpr int kSharedBytes = 48 << 10;
inline constexpr int kSharedBytesOptIn = 163 << 10;

}  // namespace consilience::cuda_emulator
