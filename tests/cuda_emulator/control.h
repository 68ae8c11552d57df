#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// The emulated machine, from outside. Nothing of it may change while operations are pending.
namespace consilience::cuda_emulator {

/// Of every order and every garbage from here on. Default: CONSILIENCE_EMULATOR_SEED, or 1.
void set_seed(uint64_t seed);

/// Default: CONSILIENCE_EMULATED_DEVICES, or 1.
void set_devices(int count);

/// Device memory of each device; default 1 GiB.
void set_memory(size_t bytes);

/// What the devices say of their L2 cache; default 64 KiB, so that small inputs make many tiles.
void set_l2(size_t bytes);

enum class Driver { none, old, good };
void set_driver(Driver driver);

/// Whether another process holds every device for itself.
void set_held(bool held);

struct Counters {
  int64_t launches = 0;
  int64_t products = 0;  // by cuBLASLt
  size_t live_bytes = 0;
  size_t peak_bytes = 0;  // on any one device
};
Counters counters();
/// launches and products from 0, peak from what is live.
void reset_counters();

/// What cudaMalloc, cudaMallocHost, cudaHostRegister, streams and events still hold, a line each.
std::vector<std::string> leaks();

/// Faults that no call has thrown, because only destructors came after them; each is told once.
std::vector<std::string> untold_faults();

}  // namespace consilience::cuda_emulator
