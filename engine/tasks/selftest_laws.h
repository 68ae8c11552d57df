#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/matrix.h"

/// Data whose truth is known, for the self-test. Every draw is Philox.
namespace consilience::engine::selftest {

/// Standard normal draws, told apart by seed, trial and name.
class Normals {
 public:
  Normals(uint64_t seed, uint32_t trial, const std::string& name);
  double next();

 private:
  uint64_t seed_;
  uint32_t trial_, unit_, block_ = 0;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// How rows are laid out. gaussian: independent normal values. heavy: independent values of
/// Student's t with 3 degrees of freedom. hubs: one common direction and noise of log-normal size,
/// so that rows with little noise are near to all others.
enum class Law { gaussian, heavy, hubs };
[[nodiscard]] const char* name_of(Law law);

/// n independent rows.
[[nodiscard]] Matrix<float> independent_rows(Law law, int64_t n, int64_t d, Normals draws);

/// Two views of the same n samples. isotropic: a normal latent vector of 6 values a sample, seen
/// through two fixed random maps to 24 features, with noise. clustered: the same, with latent
/// vectors around 32 fixed centres. hubby: isotropic, with a common direction added and the size of
/// all else log-normal, the same in both views.
enum class View { isotropic, clustered, hubby };
[[nodiscard]] const char* name_of(View view);

/// Draw `trial` of the two views.
[[nodiscard]] std::pair<Matrix<float>, Matrix<float>> two_views(View view, int64_t n, uint64_t seed,
                                                                uint32_t trial);

}  // namespace consilience::engine::selftest
