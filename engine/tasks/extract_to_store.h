#pragma once
#include "engine/extract/extract.h"
#include "engine/tasks/context.h"

namespace consilience::engine {

/// Runs what the store does not have yet of a model's features. Throws as extract().
void extract_to_store(StudyContext& context, const ZooModel& model, const ExtractInput& input,
                      models::Runner& runner);

/// On a device, where the study leaves the batch open: it is found first and kept. A batch that
/// does not fit after all is halved, and the model begins anew, since all of its features are of
/// one batch; Error(out_of_memory) only when a single sample does not fit.
void extract_to_store(StudyContext& context, const ZooModel& model, const ExtractInput& input,
                      models::DeviceRunner& runner);

}  // namespace consilience::engine
