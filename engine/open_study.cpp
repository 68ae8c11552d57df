#include "engine/open_study.h"

#include <algorithm>

#include "engine/audio/waveform.h"
#include "engine/base/cpu.h"
#include "engine/covariates.h"
#include "engine/data/open.h"
#include "engine/image/picture.h"
#include "kernels/base/devices.h"
#include "models/runner.h"

namespace consilience::engine {
namespace {

bool has_modality(const std::vector<ZooModel>& models, models::Modality modality) {
  return std::any_of(models.begin(), models.end(),
                     [&](const auto& model) { return model.card.modality == modality; });
}

/// A recording must be long enough for every model that listens.
RecordingCheck recording_check(const std::vector<ZooModel>& models) {
  return [&models](std::span<const std::byte> bytes, const std::string& name) {
    const RecordingSize size = check_recording(bytes, name);
    for (const auto& [package, card] : models) {
      if (!card.audio) continue;
      const int64_t samples = resampled_length(size, card.audio->sample_rate);
      expect(samples >= card.audio->min_samples,
             "{}: {} samples at {} Hz are too short for model {}: expected at least {}", name,
             samples, card.audio->sample_rate, card.name, card.audio->min_samples);
    }
    return size;
  };
}

/// data/<key>/samples.json: the rows in order with what they hold, so that a store explains itself.
void record_data(const Store& store, const DataSet& data) {
  Json samples = Json::array();
  for (size_t i = 0; i < data.samples.size(); ++i) {
    const Sample& s = data.samples[i];
    samples.push_back({{"id", s.id},
                       {"image", s.image},
                       {"image_sha256", data.image_digests[i]},
                       {"caption", s.caption},
                       {"group", s.group},
                       {"class", s.class_id},
                       {"valid", data.valid[i] != 0}});
    if (data.recordings.empty()) continue;
    samples.back().update({{"audio", s.audio},
                           {"audio_sha256", data.audio_digests[i]},
                           {"frames", data.recordings[i].frames},
                           {"rate", data.recordings[i].rate}});
  }
  Json bad = Json::array();
  for (const auto& sample : data.bad)
    bad.push_back({{"row", sample.row}, {"id", sample.id}, {"reason", sample.reason}});
  store.commit_record("data/" + data.key() + "/samples.json", {{"kind", "data"},
                                                               {"name", data.name},
                                                               {"hash", data.hash},
                                                               {"rows", data.rows()},
                                                               {"samples", samples},
                                                               {"bad", bad}});
}

Json cuda_class(const Study& study, const kernels::Context& where) {
  kernels::require_devices(where);
  const auto gpu = kernels::describe_cuda().devices.at(static_cast<size_t>(where.first_device));
  const bool found = study.features.pictures == 0;
  return {{"device", "cuda"},
          {"gpu", gpu.name},
          {"compute_capability", fmt::format("{}.{}", gpu.major, gpu.minor)},
          {"torch", models::torch_version()},
          {"batching", found ? "auto" : describe(fixed_batch(study))},
          {"tf32", false}};
}

Json frozen_numerics(const Store& store, const Study& study, const kernels::Context& where) {
  const std::string name = "plans/" + hash_of(study_json(study)) + ".json";
  if (!store.has_record(name))
    store.commit_record(
        name,
        {{"kind", "plan"}, {"study", study.name}, {"numerics", numerics_class(study, where)}});
  return store.read_record(name).at("numerics");
}

}  // namespace

BatchPolicy fixed_batch(const Study& study) {
  BatchPolicy policy;
  if (study.features.pictures > 0) policy.pictures = study.features.pictures;
  if (study.features.tokens > 0) policy.tokens = study.features.tokens;
  if (study.features.audio_samples > 0) policy.audio_samples = study.features.audio_samples;
  return policy;
}

Json numerics_class(const Study& study, const kernels::Context& where) {
  if (where.backend == kernels::Backend::cuda) return cuda_class(study, where);
  return {{"device", "cpu"},
          {"isa", cpu_isa()},
          {"torch", models::torch_version()},
          {"intra_op_threads", 1},
          {"batching", describe(fixed_batch(study))},
          {"tf32", false}};
}

void expect_numerics_class(const Study& study, const Json& planned, const kernels::Context& where) {
  const Json here = numerics_class(study, where);
  if (planned == here) return;
  fail(Failure::never,
       "this study's features were planned for {}, and this machine is {}: run it there, or in "
       "another store",
       canonical_json(planned), canonical_json(here));
}

StudyInputs open_study(const Study& study, const Store& store, const kernels::Context& where) {
  StudyInputs inputs;
  inputs.study = study;
  inputs.models = resolve_models(study.models, store.root() / "models");
  DataOptions options;
  options.limit = study.data.limit;
  options.on_bad_sample =
      study.data.on_bad_sample == "skip" ? OnBadSample::skip : OnBadSample::stop;
  options.group = study.data.group;
  options.class_field = study.data.class_field;
  options.store = store.root();
  options.pictures = has_modality(inputs.models, models::Modality::vision);
  options.captions = has_modality(inputs.models, models::Modality::text);
  options.recordings = has_modality(inputs.models, models::Modality::audio);
  options.check_picture = check_picture;
  options.check_recording = recording_check(inputs.models);
  inputs.data = open_data_set(study.data.source, options);
  record_data(store, inputs.data);
  inputs.covariates =
      study.curves.covariates.empty() ? Json::object() : read_covariates(study.curves.covariates);
  for (const auto& x : study.curves.x)
    (void)curve_numbers(x, inputs.models, inputs.covariates, bits_to_measure(inputs.models));
  inputs.numerics = frozen_numerics(store, study, where);
  return inputs;
}

}  // namespace consilience::engine
