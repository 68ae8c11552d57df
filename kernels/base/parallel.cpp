#include "kernels/base/parallel.h"

#include <tbb/blocked_range.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "kernels/base/float_environment.h"

namespace consilience::kernels {

void parallel_for(const Context& context, int64_t count, int64_t grain,
                  const std::function<void(int64_t, int64_t)>& body) {
  const int64_t pieces = (count + grain - 1) / grain;
  const auto run = [&](int64_t first, int64_t last) {
    const FloatEnvironment environment;
    for (int64_t p = first; p < last; ++p) body(p * grain, std::min(count, (p + 1) * grain));
  };
  if (context.threads == 1 || pieces <= 1) {
    run(0, pieces);
    return;
  }
  const auto spread = [&] {
    tbb::parallel_for(
        tbb::blocked_range<int64_t>(0, pieces, 1),
        [&](const tbb::blocked_range<int64_t>& range) { run(range.begin(), range.end()); },
        tbb::simple_partitioner());
  };
  if (context.threads == 0) {
    spread();
  } else {
    const int threads = std::min(context.threads, tbb::info::default_concurrency());
    tbb::task_arena(threads).execute(spread);
  }
}

}  // namespace consilience::kernels
