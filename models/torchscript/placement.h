#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/card.h"

namespace consilience::models::torchscript {

/// Where a segment's weights are: on which of the devices, and whether they stay there or are
/// loaded for each batch and dropped again.
struct Place {
  size_t device = 0;
  bool stays = true;
};

/// Deals segments over devices in order, each about the same share of the bytes. Where a device
/// gets more than `most_bytes` (0: no limit), its first segments stay as long as the largest of the
/// others fits beside them. Throws Error(out_of_memory) naming a segment that alone is larger.
std::vector<Place> place_segments(const std::string& model, std::span<const Segment> segments,
                                  size_t devices, int64_t most_bytes);

}  // namespace consilience::models::torchscript
