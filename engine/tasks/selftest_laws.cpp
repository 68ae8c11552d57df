#include "engine/tasks/selftest_laws.h"

#include <cmath>
#include <numbers>

#include "engine/base/hash.h"
#include "kernels/base/philox.h"

namespace consilience::engine::selftest {
namespace {

constexpr uint32_t kSimulation = 100;  // a Philox purpose that no other draw has
constexpr int64_t kLatent = 6;
constexpr int64_t kFeatures = 24;
constexpr int64_t kCentres = 32;
constexpr double kCentreSize = 3;
constexpr double kSpread = 0.7;  // sd of the logarithm of a row's size

double student3(Normals& draws) {
  const double z = draws.next();
  double chi = 0;
  for (int i = 0; i < 3; ++i) {
    const double x = draws.next();
    chi += x * x;
  }
  return z / std::sqrt(chi / 3);
}

Matrix<double> normal_matrix(int64_t rows, int64_t cols, Normals draws) {
  Matrix<double> x(rows, cols);
  for (double& value : x.values()) value = draws.next();
  return x;
}

/// Latent vectors [n, kLatent].
Matrix<double> latent_rows(View view, int64_t n, uint64_t seed, uint32_t trial) {
  Matrix<double> latent = normal_matrix(n, kLatent, Normals(seed, trial, "latent"));
  if (view != View::clustered) return latent;
  const Matrix<double> centres = normal_matrix(kCentres, kLatent, Normals(seed, 0, "centres"));
  for (int64_t i = 0; i < n; ++i) {
    const auto pick = static_cast<uint32_t>(i);
    const uint32_t word =
        kernels::philox4x32({pick, trial, kSimulation, unit_id("centre")}, seed)[0];
    const auto centre = static_cast<int64_t>(word % kCentres);
    for (int64_t f = 0; f < kLatent; ++f) latent(i, f) += kCentreSize * centres(centre, f);
  }
  return latent;
}

/// Features [n, kFeatures] of one view: latent * map + noise; `size` [n] and a common direction
/// where there are hubs.
Matrix<float> one_view(const Matrix<double>& latent, const std::vector<double>& size,
                       const std::string& name, uint64_t seed, uint32_t trial) {
  const Matrix<double> map = normal_matrix(kLatent, kFeatures, Normals(seed, 0, "map " + name));
  Normals noise(seed, trial, "noise " + name);
  Matrix<float> x(latent.rows(), kFeatures);
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t f = 0; f < kFeatures; ++f) {
      double value = noise.next();
      for (int64_t l = 0; l < kLatent; ++l) value += latent(i, l) * map(l, f);
      if (!size.empty()) value = size[static_cast<size_t>(i)] * value + kLatent;
      x(i, f) = static_cast<float>(value);
    }
  return x;
}

}  // namespace

Normals::Normals(uint64_t seed, uint32_t trial, const std::string& name)
    : seed_(seed), trial_(trial), unit_(unit_id(name)) {}

double Normals::next() {  // Box and Muller
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const auto word = kernels::philox4x32({block_++, trial_, kSimulation, unit_}, seed_);
  const auto uniform = [](uint32_t high, uint32_t low) {  // in (0, 1]
    return (static_cast<double>((uint64_t{high} << 32 | low) >> 11) + 1) * 0x1p-53;
  };
  const double radius = std::sqrt(-2 * std::log(uniform(word[0], word[1])));
  const double angle = 2 * std::numbers::pi * uniform(word[2], word[3]);
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

const char* name_of(Law law) {
  return law == Law::gaussian ? "gaussian" : law == Law::heavy ? "heavy tails" : "hubs";
}

const char* name_of(View view) {
  return view == View::isotropic ? "isotropic" : view == View::clustered ? "clustered" : "hubby";
}

Matrix<float> independent_rows(Law law, int64_t n, int64_t d, Normals draws) {
  Matrix<float> x(n, d);
  for (int64_t i = 0; i < n; ++i) {
    const double size = law == Law::hubs ? std::exp(kSpread * draws.next()) : 1;
    for (float& value : x.row(i)) {
      const double drawn = law == Law::heavy ? student3(draws) : draws.next();
      value = static_cast<float>(law == Law::hubs ? 1 + size * drawn : drawn);
    }
  }
  return x;
}

std::pair<Matrix<float>, Matrix<float>> two_views(View view, int64_t n, uint64_t seed,
                                                  uint32_t trial) {
  const Matrix<double> latent = latent_rows(view, n, seed, trial);
  std::vector<double> size;
  if (view == View::hubby) {
    Normals draws(seed, trial, "size");
    for (int64_t i = 0; i < n; ++i) size.push_back(std::exp(kSpread * draws.next()));
  }
  return {one_view(latent, size, "a", seed, trial), one_view(latent, size, "b", seed, trial)};
}

}  // namespace consilience::engine::selftest
