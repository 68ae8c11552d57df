#include "tools/bench/made_rows.h"

#include <cmath>
#include <numbers>

#include "kernels/base/parallel.h"
#include "kernels/base/philox.h"

namespace consilience::bench {
namespace {

constexpr int64_t kCentres = 100;
constexpr int64_t kGrain = 16;

/// What a stream of draws is for: the third word of every counter.
enum class Draw : uint32_t { own = 101, shared = 102, membership = 103 };

kernels::PhiloxBlock draw(uint64_t seed, Draw purpose, int64_t row, int64_t block) {
  return kernels::philox4x32(
      {static_cast<uint32_t>(row), static_cast<uint32_t>(block), static_cast<uint32_t>(purpose), 0},
      seed);
}

/// d normals, two from each pair of words.
void normals(uint64_t seed, Draw purpose, int64_t row, std::vector<double>& out) {
  const size_t d = out.size();
  for (size_t f = 0; f < d; f += 4) {
    const auto words = draw(seed, purpose, row, static_cast<int64_t>(f / 4));
    for (size_t pair = 0; pair < 4; pair += 2) {
      const double radius = std::sqrt(-2 * std::log((words[pair] + 0.5) * 0x1p-32));
      const double angle = 2 * std::numbers::pi * words[pair + 1] * 0x1p-32;
      if (f + pair < d) out[f + pair] = radius * std::cos(angle);
      if (f + pair + 1 < d) out[f + pair + 1] = radius * std::sin(angle);
    }
  }
}

double norm(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return std::sqrt(sum);
}

/// Directions that several rows have in common, [rows, d] and of length 1.
Matrix<double> shared_directions(int64_t rows, int64_t d, uint64_t seed) {
  Matrix<double> out(rows, d);
  std::vector<double> x(static_cast<size_t>(d));
  for (int64_t i = 0; i < rows; ++i) {
    normals(seed, Draw::shared, i, x);
    const double length = norm(x);
    for (int64_t f = 0; f < d; ++f) out(i, f) = x[static_cast<size_t>(f)] / length;
  }
  return out;
}

}  // namespace

const std::vector<std::string>& row_laws() {
  static const std::vector<std::string> laws = {"isotropic", "anisotropic", "clusters"};
  return laws;
}

Matrix<float> make_rows(const kernels::Context& context, const std::string& law, int64_t n,
                        int64_t d, uint64_t seed) {
  const int64_t centres = law == "clusters" ? kCentres : (law == "anisotropic" ? 1 : 0);
  // The cosine of two rows of one centre: the length that they share, squared.
  const double cosine = law == "clusters" ? 0.99 : (law == "anisotropic" ? 0.9 : 0.0);
  const Matrix<double> directions = shared_directions(centres, d, seed);
  const double own = std::sqrt((1 - cosine) / static_cast<double>(d));
  Matrix<float> rows(n, d);
  kernels::parallel_for(context, n, kGrain, [&](int64_t begin, int64_t end) {
    std::vector<double> x(static_cast<size_t>(d));
    for (int64_t i = begin; i < end; ++i) {
      normals(seed, Draw::own, i, x);
      for (double& value : x) value *= own;
      if (centres > 0) {
        const int64_t centre = draw(seed, Draw::membership, i, 0)[0] % centres;
        for (int64_t f = 0; f < d; ++f)
          x[static_cast<size_t>(f)] += std::sqrt(cosine) * directions(centre, f);
      }
      const double length = norm(x);
      for (int64_t f = 0; f < d; ++f)
        rows(i, f) = static_cast<float>(x[static_cast<size_t>(f)] / length);
    }
  });
  return rows;
}

}  // namespace consilience::bench
