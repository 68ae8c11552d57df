#include "kernels/cuda/cublaslt.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <string>

#include "kernels/base/error.h"

namespace consilience::kernels::cuda {
namespace {

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  expect(function != nullptr, "cuBLASLt: the library that was found has no {}", name);
}

CublasLt load() {
  const std::string name = fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR);
  void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  expect(library != nullptr, "cuBLASLt: {} can't be loaded: {}", name, dlerror());
  CublasLt found{};
  find(library, "cublasLtCreate", found.create);
  find(library, "cublasLtDestroy", found.destroy);
  find(library, "cublasLtMatmul", found.matmul);
  find(library, "cublasLtMatmulAlgoGetHeuristic", found.find_algorithms);
  find(library, "cublasLtMatmulDescCreate", found.create_description);
  find(library, "cublasLtMatmulDescDestroy", found.destroy_description);
  find(library, "cublasLtMatmulDescSetAttribute", found.set_description);
  find(library, "cublasLtMatrixLayoutCreate", found.create_layout);
  find(library, "cublasLtMatrixLayoutDestroy", found.destroy_layout);
  find(library, "cublasLtMatmulPreferenceCreate", found.create_preference);
  find(library, "cublasLtMatmulPreferenceDestroy", found.destroy_preference);
  find(library, "cublasLtMatmulPreferenceSetAttribute", found.set_preference);
  return found;
}

}  // namespace

const CublasLt& cublaslt() {
  static const CublasLt functions = load();
  return functions;
}

}  // namespace consilience::kernels::cuda
