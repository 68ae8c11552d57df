// Runs model packages on inputs from elsewhere, so that Python can compare what the engine's runner
// gives with the original network:
//
//   run_packages FOLDER..     each FOLDER/inputs.safetensors holds batches 0, 1 ..: "0.ids" and
//                             "0.mask" [B, T] int64, or "0.pixels" [B, 3, H, W], or "0.waveform"
//                             [B, N] float32; the package is FOLDER/<one>@*. Writes
//                             FOLDER/found.safetensors: "0.<layer>" [P, B, D], "0.scalars" [B, S].
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "engine/store/safetensors.h"
#include "kernels/base/error.h"
#include "models/runner.h"

namespace consilience::testing {
namespace {

namespace fs = std::filesystem;
using engine::Safetensors;
using engine::TensorView;

/// Named values that write_safetensors only views.
struct Found {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

fs::path package_in(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (fs::exists(entry.path() / "card.json")) return entry.path();
  fail(Failure::never, "{}: no package there", folder.string());
}

models::BatchFeatures run_batch(models::Runner& runner, const Safetensors& inputs,
                                const std::string& batch) {
  const std::string where = inputs.path().string();
  if (inputs.has(batch + ".ids")) {
    const TensorView& view = inputs.at(batch + ".ids");
    const auto ids = engine::copy_tensor<int64_t>(view, where);
    const auto mask = engine::copy_tensor<int64_t>(inputs.at(batch + ".mask"), where);
    return runner.run(models::TokenBatch{ids, mask, view.shape.at(0), view.shape.at(1)});
  }
  if (inputs.has(batch + ".pixels")) {
    const TensorView& view = inputs.at(batch + ".pixels");
    const auto values = engine::copy_tensor<float>(view, where);
    return runner.run(
        models::PixelBatch{values, view.shape.at(0), view.shape.at(2), view.shape.at(3)});
  }
  const TensorView& view = inputs.at(batch + ".waveform");
  const auto values = engine::copy_tensor<float>(view, where);
  return runner.run(models::AudioBatch{values, view.shape.at(0), view.shape.at(1)});
}

std::vector<Found> named(const models::BatchFeatures& features, const models::ModelCard& card,
                         const std::string& batch) {
  std::vector<Found> found;
  const size_t poolings = card.poolings.size();
  for (size_t l = 0; l < card.layers.size(); ++l) {
    const int64_t rows = features.layers[l * poolings].rows();
    Found layer{batch + "." + card.layers[l].name,
                {static_cast<int64_t>(poolings), rows, card.layers[l].width},
                {}};
    for (size_t p = 0; p < poolings; ++p) {
      const auto values = features.layers[l * poolings + p].values();
      layer.values.insert(layer.values.end(), values.begin(), values.end());
    }
    found.push_back(std::move(layer));
  }
  if (card.scalars.empty()) return found;
  const auto values = features.scalars.values();
  found.push_back({batch + ".scalars",
                   {features.scalars.rows(), features.scalars.cols()},
                   {values.begin(), values.end()}});
  return found;
}

bool has_batch(const Safetensors& inputs, const std::string& batch) {
  return inputs.has(batch + ".ids") || inputs.has(batch + ".pixels") ||
         inputs.has(batch + ".waveform");
}

void run_folder(const fs::path& folder) {
  const auto runner = models::open_runner(package_in(folder), {});
  const Safetensors inputs(folder / "inputs.safetensors");
  std::vector<Found> found;
  for (int64_t i = 0; has_batch(inputs, std::to_string(i)); ++i) {
    const std::string batch = std::to_string(i);
    for (Found& one : named(run_batch(*runner, inputs, batch), runner->card(), batch))
      found.push_back(std::move(one));
  }
  expect(!found.empty(), "{}: no batch 0", inputs.path().string());
  std::vector<TensorView> views;
  for (const Found& one : found) views.push_back(engine::tensor(one.name, one.shape, one.values));
  std::ofstream out(folder / "found.safetensors", std::ios::binary);
  engine::write_safetensors(views, [&](std::span<const std::byte> bytes) {
    out.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
  });
}

}  // namespace
}  // namespace consilience::testing

int main(int argc, char** argv) {
  try {
    for (int i = 1; i < argc; ++i) consilience::testing::run_folder(argv[i]);
  } catch (const consilience::Error& error) {
    std::cerr << "run_packages: " << error.what() << '\n';
    return static_cast<int>(error.kind());
  }
}
