#include "models/torchscript/settings.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/Device.h>
#include <dlfcn.h>
#include <torch/csrc/jit/codegen/fuser/interface.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/profiling_graph_executor_impl.h>

#include <mutex>

#include "kernels/base/error.h"
#include "models/runner.h"

namespace consilience::models::torchscript {

void settle_executor() {
  static std::once_flag once;
  std::call_once(once, [] {
    torch::jit::getProfilingMode() = false;
    torch::jit::getExecutorMode() = false;
    torch::jit::setGraphExecutorOptimize(false);
    torch::jit::setTensorExprFuserEnabled(false);
    torch::jit::overrideCanFuseOnCPU(false);
    torch::jit::overrideCanFuseOnGPU(false);
    at::globalContext().setAllowTF32CuBLAS(false);
    at::globalContext().setAllowTF32CuDNN(false);
    at::globalContext().setAllowFP16ReductionCuBLAS(false);
    at::globalContext().setAllowBF16ReductionCuBLAS(false);
    at::globalContext().setBenchmarkCuDNN(false);
    at::globalContext().setDeterministicCuDNN(true);
  });
}

void use_intra_op_threads(int threads) {
  thread_local int current = 0;
  if (current == threads) return;
  at::set_num_threads(threads);
  current = threads;
}

int require_cuda(const std::string& device) {
  const bool named = device == "cuda" || device.starts_with("cuda:");
  expect(named, "device {}: expected cuda or cuda:<number>", device);
  // Linked, this library would cost every program that runs on the CPU a second and a gigabyte.
  static void* const cuda = dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL);
  expect(cuda != nullptr, "device {}: the CUDA half of LibTorch cannot be loaded: use cpu", device);
  const int64_t found = at::globalContext().hasCUDA() ? at::getNumGPUs() : 0;
  int wanted = 0;
  try {
    const c10::Device parsed(device);
    wanted = parsed.has_index() ? parsed.index() : 0;
  } catch (const c10::Error&) {
    fail(Failure::never, "device {}: expected cuda or cuda:<number>", device);
  }
  expect(wanted < found, "device {}: {} CUDA devices found: use cpu or a device that is there",
         device, found == 0 ? "no" : std::to_string(found));
  return wanted;
}

}  // namespace consilience::models::torchscript
