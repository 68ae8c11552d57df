#pragma once
#include <filesystem>
#include <memory>

#include "models/device_runner.h"

namespace consilience::models::torchscript {

/// A DeviceRunner by LibTorch's device-independent streams, events and allocators, so that nothing
/// of its CUDA half is linked. `options.device` has been looked at: require_device().
std::unique_ptr<DeviceRunner> make_device_runner(const std::filesystem::path& package,
                                                 ModelCard card, const RunnerOptions& options);

}  // namespace consilience::models::torchscript
