#pragma once
#include <cstdint>

/// What this process has used so far.
namespace consilience::engine {

/// Of a steady clock.
[[nodiscard]] double wall_seconds();
/// User and system time of all threads.
[[nodiscard]] double cpu_seconds();
/// The largest resident memory.
[[nodiscard]] int64_t peak_bytes();

}  // namespace consilience::engine
