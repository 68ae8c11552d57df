// Times the ops of the CUDA side, each after a check against the cpu backend:
//   cuda_bench [--small] [--benchmark_filter=..] [--benchmark_out=FILE --benchmark_out_format=json]
// Exit 3 without a device or where an answer is wrong.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "kernels/base/devices.h"
#include "kernels/base/error.h"
#include "tools/bench/cuda/checked.h"

namespace consilience::bench {
namespace {

int refused = 0;

int run(Scale scale) {
  const auto found = kernels::describe_cuda();
  expect(found.problem.empty(), "{}: NOTHING WAS MEASURED", found.problem);
  benchmark::AddCustomContext("device", found.devices.front().name);
  add_condition(scale);
  add_neighbors(scale);
  add_overlap(scale);
  add_rank_of(scale);
  add_pictures(scale);
  add_hsic_tiles(scale);
  expect(benchmark::RunSpecifiedBenchmarks() > 0, "the filter names no benchmark");
  expect(refusals() == 0, "{} answers were wrong and were not timed", refusals());
  return 0;
}

}  // namespace

void refuse(benchmark::State& state, const std::string& why) {
  ++refused;
  state.SkipWithError(why.c_str());
}

int refusals() { return refused; }

}  // namespace consilience::bench

int main(int count, char** words) {
  benchmark::Initialize(&count, words);
  const auto is_small = [](const char* word) { return std::string_view(word) == "--small"; };
  char** const end = std::remove_if(words + 1, words + count, is_small);
  const bool small = end != words + count;
  count = static_cast<int>(end - words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 2;
  try {
    return consilience::bench::run(small ? consilience::bench::Scale::small
                                         : consilience::bench::Scale::full);
  } catch (const consilience::Error& error) {
    fmt::print(stderr, "cuda_bench: {}\n", error.what());
    return static_cast<int>(error.kind());
  }
}
