#pragma once

namespace consilience::kernels {

/// Which implementation of an op runs. `reference` is the definition of right: plain loops, double.
enum class Backend { reference, cpu, cuda };

/// How an op is to be run. Results never depend on it, but for which implementation it was.
struct Context {
  Backend backend = Backend::cpu;
  int threads = 0;       // 0: all cores
  int first_device = 0;  // of CUDA
  int devices = 0;       // so many from the first on; 0: all. Ops that use one take the first
};

}  // namespace consilience::kernels
