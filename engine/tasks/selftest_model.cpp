#include "engine/tasks/selftest_model.h"

#include <algorithm>
#include <utility>

#include "engine/graphs/build_graphs.h"
#include "engine/metrics/score_pair.h"
#include "engine/tasks/make_half_graphs.h"
#include "kernels/base/error.h"

namespace consilience::engine::selftest {
namespace {

const kernels::Context kOneThread{kernels::Backend::cpu, 1};  // trials run side by side

GraphRequest request_for(const std::string& name) {
  GraphRequest request;
  request.model = name;
  request.k = kNeighbors;
  return request;
}

}  // namespace

Model::Model(std::string name, std::vector<Matrix<float>> layers) : layers_(std::move(layers)) {
  expect(!layers_.empty(), "{}: a simulated model without layers", name);
  for (size_t l = 0; l < layers_.size(); ++l)
    slots_.push_back({"layer_" + std::to_string(l), "mean", layers_[l].cols()});
  const GraphRequest request = request_for(name);
  graphs_ = {name, "", rows(), build_graphs(kOneThread, *this, request)};
  input_ = graph_side(graphs_);
  for (int64_t l = 0; l < std::ssize(layers_); ++l)
    conditioned_.push_back(
        condition_layer(kOneThread, *this, l, name, request.conditioning, ClampFit{}));
}

ModelInput Model::layer(size_t l) const {
  ModelInput one = input_;
  one.layers = {input_.layers[l]};
  one.layers[0].features = conditioned_[l].view();
  return one;
}

HalfGraphs Model::halves(const HalfSplits& splits, int k) const {
  return make_half_graphs(kOneThread, *this, graphs_, request_for(graphs_.model), k, splits);
}

void Model::read(int64_t slot, int64_t begin, int64_t end, MatrixView<float> out) const {
  for (int64_t i = begin; i < end; ++i)
    std::ranges::copy(layers_[static_cast<size_t>(slot)].row(i), out.row(i - begin).begin());
}

}  // namespace consilience::engine::selftest
