#include "models/torchscript/archive.h"

#include <ATen/autocast_mode.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "models/torchscript/placement.h"
#include "models/torchscript/settings.h"
#include "models/torchscript/translated.h"

namespace consilience::models::torchscript {
namespace {

/// Autocast for one call on this thread.
class Autocast {
 public:
  Autocast(at::DeviceType device, const std::string& compute)
      : device_(device), on_(compute != "f32") {
    if (!on_) return;
    at::autocast::set_autocast_dtype(device, compute == "bf16" ? at::kBFloat16 : at::kHalf);
    at::autocast::set_autocast_enabled(device, true);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (!on_) return;
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool on_;
};

/// `options.devices` of them from `options.device` on.
std::vector<c10::Device> devices_of(const RunnerOptions& options) {
  const c10::Device first(options.device);
  std::vector<c10::Device> devices = {first};
  for (int d = 1; d < options.devices; ++d)
    devices.push_back(first.is_cpu() ? first
                                     : c10::Device(first.type(), static_cast<c10::DeviceIndex>(
                                                                     first.index() + d)));
  return devices;
}

std::vector<c10::IValue> moved(const std::vector<c10::IValue>& values, c10::Device device) {
  std::vector<c10::IValue> there;
  for (const c10::IValue& value : values) there.emplace_back(value.toTensor().to(device));
  return there;
}

}  // namespace

Archive::Archive(const std::filesystem::path& package, const ModelCard& card,
                 const RunnerOptions& options)
    : card_(card), options_(options), devices_(devices_of(options)) {
  settle_executor();
  use_intra_op_threads(options.intra_op_threads);
  const std::vector<Place> places =
      place_segments(card.key(), card.segments, devices_.size(), options.weights_bytes);
  devices_.erase(devices_.begin() + static_cast<ptrdiff_t>(places.back().device) + 1,
                 devices_.end());  // what is left over
  for (size_t s = 0; s < places.size(); ++s) {
    SegmentFile file(package, card, card.segments[s], devices_[places[s].device]);
    torch::jit::Module module = file.load();  // also what will not stay: is it sound?
    links_.push_back({std::move(file), card.segments[s].bytes, std::nullopt});
    if (places[s].stays)
      links_.back().module = std::move(module);
    else
      one_at_a_time_ = std::make_unique<std::mutex>();
  }
}

int64_t Archive::passing_bytes(c10::Device device) const {
  int64_t most = 0;
  for (const Link& link : links_)
    if (!link.module && link.file.device() == device) most = std::max(most, link.bytes);
  return most;
}

std::vector<at::Tensor> Archive::run(Link& link, std::vector<c10::IValue> inputs) const {
  const c10::DeviceGuard current(link.file.device());
  torch::jit::Module module = link.module ? *link.module : link.file.load();
  const auto forward = [&] { return module.forward(std::move(inputs)); };
  const c10::IValue output = links_.size() == 1 ? forward() : translated(link.file.name(), forward);
  expect(output.isTensorList(), "{}: expected a list of tensors as output, found {}",
         link.file.name(), output.tagKind());
  return output.toTensorVector();
}

void Archive::check_count(const std::vector<size_t>& counts) const {
  const size_t expected = card_.layers.size() + (card_.scalars.empty() ? 0 : 1);
  size_t found = 0;
  std::string by_segment;
  for (size_t s = 0; s < counts.size(); ++s) {
    found += counts[s];
    if (counts.size() > 1)
      by_segment +=
          fmt::format("{}{} of {}", s == 0 ? ": " : ", ", counts[s], card_.segments[s].file);
  }
  expect(found == expected, "model {}: expected {} output tensors ({} layers{}), found {}{}",
         card_.key(), expected, card_.layers.size(),
         card_.scalars.empty() ? "" : " and the scalars", found, by_segment);
}

std::vector<at::Tensor> Archive::call(const std::vector<c10::IValue>& inputs) {
  use_intra_op_threads(options_.intra_op_threads);
  const auto turn =
      one_at_a_time_ ? std::unique_lock(*one_at_a_time_) : std::unique_lock<std::mutex>();
  const c10::InferenceMode inference;
  const Autocast autocast(device().type(), options_.compute);
  std::vector<at::Tensor> features;
  std::vector<size_t> counts;
  std::vector<c10::IValue> hidden;
  for (Link& link : links_) {
    std::vector<c10::IValue> arguments = moved(inputs, link.file.device());
    for (c10::IValue& value : moved(hidden, link.file.device()))
      arguments.push_back(std::move(value));
    std::vector<at::Tensor> returned = run(link, std::move(arguments));
    const bool last = &link == &links_.back();
    expect(last || !returned.empty(), "{}: returned nothing, expected what the next one takes",
           link.file.name());
    if (!last) hidden = {returned.front()};
    const auto from = returned.begin() + (last ? 0 : 1);
    counts.push_back(static_cast<size_t>(returned.end() - from));
    features.insert(features.end(), from, returned.end());
  }
  check_count(counts);
  return features;
}

}  // namespace consilience::models::torchscript
