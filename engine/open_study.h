#pragma once
#include <string>

#include "engine/extract/extract.h"
#include "engine/plan.h"
#include "engine/store/store.h"
#include "kernels/base/backend.h"

namespace consilience::engine {

/// Resolves a study: its packages, its data set (recorded under data/), its covariates, and the
/// numerics class that its first run froze under plans/. `where`: what models run on. Throws as
/// resolve_models, open_data_set and read_covariates do; Error(never) for a device that is not
/// there.
[[nodiscard]] StudyInputs open_study(const Study& study, const Store& store,
                                     const kernels::Context& where);

/// What decides the bits of features here: the processor's instruction set or the GPU, LibTorch,
/// how rows become batches ("auto": that is found for each model and named beside the class).
[[nodiscard]] Json numerics_class(const Study& study, const kernels::Context& where);

/// Error(never) unless this machine is of the class that the study's features were planned for.
void expect_numerics_class(const Study& study, const Json& planned, const kernels::Context& where);

/// The sizes that the study gives, or what is fastest on a CPU.
[[nodiscard]] BatchPolicy fixed_batch(const Study& study);

}  // namespace consilience::engine
