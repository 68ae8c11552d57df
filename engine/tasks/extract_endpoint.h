#pragma once
#include "engine/tasks/context.h"

namespace consilience::engine {

/// Asks the service behind an endpoint's package for what the store does not have yet of its
/// features; no device is used. Throws as obtain_embeddings does.
void extract_endpoint(StudyContext& context, const ZooModel& model);

}  // namespace consilience::engine
