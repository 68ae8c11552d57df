#include "engine/types/conditioning.h"

#include <string_view>

#include "kernels/base/error.h"

namespace consilience::engine {
namespace {

std::string_view name_of(ClampScope scope) {
  switch (scope) {
    case ClampScope::layer:
      return "layer";
    case ClampScope::model:
      return "model";
    case ClampScope::model_sample_mean:
      return "model-sample-mean";
  }
  fail(Failure::never, "a clamp scope without a name");
}

}  // namespace

std::string describe(const Conditioning& conditioning) {
  std::string text;
  const auto add = [&](std::string_view part) {
    if (!text.empty()) text += ", ";
    text += part;
  };
  if (conditioning.clamp > 0)
    add(fmt::format("clamp={}/{}", conditioning.clamp, name_of(conditioning.clamp_scope)));
  if (conditioning.center == Center::mean) add("center=mean");
  if (conditioning.scale == Scale::l2) add("l2");
  if (text.empty()) add("raw");
  if (conditioning.similarity == kernels::Similarity::euclidean) add("euclidean");
  return text;
}

Conditioning conditioning_preset(const std::string& name) {
  Conditioning preset;
  if (name == "default") return preset;
  if (name == "prh-paper") {
    preset.clamp_scope = ClampScope::model;
    return preset;
  }
  if (name == "prh-code") {
    preset.clamp_scope = ClampScope::model_sample_mean;
    return preset;
  }
  if (name == "none") {
    preset.clamp = 0;
    preset.scale = Scale::none;
    return preset;
  }
  fail(Failure::usage,
       "no conditioning preset '{}': it is one of default, prh-paper, prh-code, none", name);
}

}  // namespace consilience::engine
