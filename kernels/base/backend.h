#pragma once

namespace consilience::kernels {

/// Which implementation of an op runs. `reference` is the definition of right: plain loops, double.
enum class Backend { reference, cpu, cuda };

/// How an op is to be run. `threads` 0: all cores. Results never depend on it.
struct Context {
  Backend backend = Backend::cpu;
  int threads = 0;
};

}  // namespace consilience::kernels
