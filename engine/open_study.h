#pragma once
#include <string>

#include "engine/plan.h"
#include "engine/store/store.h"

namespace consilience::engine {

/// Resolves a study: its packages, its data set (recorded under data/), its covariates, and the
/// numerics class that its first run froze under plans/. `device`: "cpu", "cuda", "cuda:1". Throws
/// as resolve_models, open_data_set and read_covariates do.
[[nodiscard]] StudyInputs open_study(const Study& study, const Store& store,
                                     const std::string& device);

/// What decides the bits of features on this machine: device, instruction set, LibTorch, threads
/// inside an operator, batching.
[[nodiscard]] Json numerics_class(const std::string& device);

/// Error(never) unless this machine is of the class that the study's features were planned for.
void expect_numerics_class(const Json& planned, const std::string& device);

}  // namespace consilience::engine
