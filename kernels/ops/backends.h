#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "kernels/base/error.h"
#include "kernels/base/float_environment.h"
#include "kernels/ops/condition.h"
#include "kernels/ops/hsic_tiles.h"
#include "kernels/ops/neighbors.h"
#include "kernels/ops/overlap.h"
#include "kernels/ops/prepare_pictures.h"
#include "kernels/ops/rank_of.h"
#include "kernels/ops/resize.h"

/// What stands behind the doors: every backend implements the same list, and checks nothing.
namespace consilience::kernels {

/// Where in a matrix something was found.
struct Cell {
  int64_t row;
  int64_t column;
};

namespace reference {
#include "kernels/ops/signatures.inc"
}
namespace cpu {
#include "kernels/ops/signatures.inc"
}
namespace cuda {
#include "kernels/ops/signatures.inc"
}

/// Runs the one of three functions that `context.backend` names.
template <typename Reference, typename Cpu, typename Cuda>
decltype(auto) dispatch(const Context& context, Reference reference, Cpu cpu, Cuda cuda) {
  const FloatEnvironment environment;
  switch (context.backend) {
    case Backend::reference:
      return reference();
    case Backend::cpu:
      return cpu();
    case Backend::cuda:
      return cuda();
  }
  fail(Failure::usage, "unknown backend {}", static_cast<int>(context.backend));
}

}  // namespace consilience::kernels
