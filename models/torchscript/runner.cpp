#include "models/runner.h"

#include <torch/version.h>

#include <algorithm>

#include "kernels/base/error.h"
#include "models/device_runner.h"
#include "models/torchscript/device_runner.h"
#include "models/torchscript/module.h"
#include "models/torchscript/settings.h"

namespace consilience::models {
namespace {

void check_options(const RunnerOptions& options) {
  const auto known = {"f32", "bf16", "f16"};
  expect(std::find(known.begin(), known.end(), options.compute) != known.end(),
         "compute {}: expected f32, bf16 or f16", options.compute);
  expect(options.intra_op_threads >= 1, "intra-op threads: expected at least 1, found {}",
         options.intra_op_threads);
  expect(options.devices >= 1, "devices: expected at least 1, found {}", options.devices);
  expect(options.weights_bytes >= 0, "bytes of weights: expected 0 or more, found {}",
         options.weights_bytes);
}

ModelCard checked_card(const std::filesystem::path& package) {
  ModelCard card = read_card(package);
  verify_package(package, card);
  return card;
}

class TorchScriptRunner : public Runner {
 public:
  TorchScriptRunner(const std::filesystem::path& package, ModelCard card,
                    const RunnerOptions& options)
      : card_(std::move(card)), module_(package, card_, options) {}

  [[nodiscard]] const ModelCard& card() const override { return card_; }

  BatchFeatures run(const TokenBatch& batch) override {
    check_modality(Modality::text);
    check_size("ids", batch.ids.size(), batch.batch * batch.length);
    check_size("mask", batch.mask.size(), batch.batch * batch.length);
    check_no_empty_row(batch);
    return module_.run(batch);
  }

  BatchFeatures run(const PixelBatch& batch) override {
    check_modality(Modality::vision);
    check_size("pixels", batch.values.size(), batch.batch * 3 * batch.height * batch.width);
    return module_.run(batch);
  }

  BatchFeatures run(const AudioBatch& batch) override {
    check_modality(Modality::audio);
    check_size("samples", batch.values.size(), batch.batch * batch.samples);
    expect(batch.samples >= card_.audio->min_samples,
           "model {}: expected recordings of at least {} samples, found {}", card_.key(),
           card_.audio->min_samples, batch.samples);
    return module_.run(batch);
  }

 private:
  static const char* input_of(Modality modality) {
    switch (modality) {
      case Modality::vision:
        return "pixels";
      case Modality::text:
        return "tokens";
      case Modality::audio:
        return "waveforms";
    }
    return "";
  }
  void check_modality(Modality wanted) const {
    expect(card_.modality == wanted, "model {}: takes {}, was given {}", card_.key(),
           input_of(card_.modality), input_of(wanted));
  }
  /// A mean over no tokens would be NaN in one model and silence in another.
  void check_no_empty_row(const TokenBatch& batch) const {
    for (int64_t b = 0; b < batch.batch; ++b) {
      const auto row = batch.mask.subspan(static_cast<size_t>(b * batch.length),
                                          static_cast<size_t>(batch.length));
      expect(std::any_of(row.begin(), row.end(), [](int64_t valid) { return valid != 0; }),
             "model {}: row {} of the batch is padding alone: expected at least one token",
             card_.key(), b);
    }
  }
  void check_size(const char* what, size_t found, int64_t expected) const {
    expect(expected > 0 && static_cast<int64_t>(found) == expected,
           "model {}: expected {} {}, found {}", card_.key(), expected, what, found);
  }

  ModelCard card_;
  torchscript::Module module_;
};

}  // namespace

std::unique_ptr<Runner> open_runner(const std::filesystem::path& package,
                                    const RunnerOptions& options) {
  check_options(options);
  expect(options.device == "cpu", "device {}: this runner is the CPU's", options.device);
  return std::make_unique<TorchScriptRunner>(package, checked_card(package), options);
}

std::unique_ptr<DeviceRunner> open_device_runner(const std::filesystem::path& package,
                                                 const RunnerOptions& options) {
  check_options(options);
  RunnerOptions numbered = options;
  const int first = torchscript::require_cuda(options.device);
  numbered.device = fmt::format("cuda:{}", first);
  torchscript::require_cuda(fmt::format("cuda:{}", first + options.devices - 1));
  return torchscript::make_device_runner(package, checked_card(package), numbered);
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace consilience::models
