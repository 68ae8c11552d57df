#pragma once
#include "kernels/base/matrix.h"

namespace consilience::engine {

/// U-centres a symmetric [n, n] matrix in place, n >= 3: zero diagonal, every row adds up to 0, so
/// that HSIC_1 is a plain inner product over n (n - 3) (Szekely and Rizzo 2014).
void u_centre(Matrix<double>& k);

}  // namespace consilience::engine
