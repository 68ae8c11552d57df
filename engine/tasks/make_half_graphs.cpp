#include "engine/tasks/make_half_graphs.h"

#include <fmt/format.h>

#include <functional>

#include "engine/graphs/redo_rows.h"

namespace consilience::engine {
namespace {

constexpr int64_t kMostRows = 20'000;

}  // namespace

HalfGraphs make_half_graphs(const kernels::Context& context, const FeatureView& features,
                            const ModelGraphs& graphs, const GraphRequest& request, int k,
                            const HalfSplits& splits) {
  if (graphs.rows > kMostRows) {
    HalfGraphs none;
    none.reason = fmt::format("half-splits are made for at most {} rows; there are {}", kMostRows,
                              graphs.rows);
    return none;
  }
  RowRedo redo(context, features, request,
               fit_clamp(context, features, graphs.model, request.conditioning));
  return half_split_graphs(graphs, k, splits, std::ref(redo));
}

}  // namespace consilience::engine
