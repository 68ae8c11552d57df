#pragma once
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/base/backend.h"

/// What the benchmarks of the CUDA side share: every op must first give what the cpu backend gives,
/// bit for bit; else it is not timed and the program fails.
namespace consilience::bench {

inline constexpr kernels::Context kCpu = {.backend = kernels::Backend::cpu};
inline constexpr kernels::Context kCuda = {.backend = kernels::Backend::cuda, .devices = 1};

/// Shapes for a GPU, or small ones for an emulator or a sanitizer.
enum class Scale { full, small };

void add_condition(Scale scale);
void add_hsic_tiles(Scale scale);
void add_neighbors(Scale scale);
void add_overlap(Scale scale);
void add_pictures(Scale scale);
void add_rank_of(Scale scale);

/// Ends the benchmark without a time.
void refuse(benchmark::State& state, const std::string& why);
/// How often that happened.
[[nodiscard]] int refusals();

template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}
template <typename T>
requires std::is_arithmetic_v<T>
bool same_bits(T a, T b) { return std::memcmp(&a, &b, sizeof(T)) == 0; }

/// Times op(kCuda) once its value is that of op(kCpu).
template <typename Op>
void time_checked(benchmark::State& state, const Op& op) {
  if (!same_bits(op(kCuda), op(kCpu))) return refuse(state, "the answer is not the cpu backend's");
  for ([[maybe_unused]] const auto step : state) benchmark::DoNotOptimize(op(kCuda));
}

/// `amount` of every run, per second of wall time.
inline benchmark::Counter a_second(double amount) {
  return {amount, benchmark::Counter::kIsIterationInvariantRate};
}

/// Registers a benchmark that is timed by the clock on the wall.
template <typename Body>
benchmark::internal::Benchmark* add(const std::string& name, const Body& body) {
  return benchmark::RegisterBenchmark(name.c_str(), body)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace consilience::bench
