#include "models/torchscript/placement.h"

#include <algorithm>
#include <numeric>

#include "kernels/base/error.h"

namespace consilience::models::torchscript {
namespace {

int64_t sum(std::span<const Segment> segments) {
  return std::accumulate(segments.begin(), segments.end(), int64_t{0},
                         [](int64_t so_far, const Segment& s) { return so_far + s.bytes; });
}

int64_t largest(std::span<const Segment> segments) {
  int64_t bytes = 0;
  for (const Segment& segment : segments) bytes = std::max(bytes, segment.bytes);
  return bytes;
}

/// Each segment goes to the share of all bytes that its middle falls into; shares that none falls
/// into are passed over, so that the first devices are used.
std::vector<size_t> dealt(std::span<const Segment> segments, size_t devices) {
  const auto total = static_cast<double>(std::max<int64_t>(1, sum(segments)));
  std::vector<size_t> device;
  size_t last_share = 0;
  int64_t before = 0;
  for (const Segment& segment : segments) {
    const double middle = static_cast<double>(before) + static_cast<double>(segment.bytes) / 2;
    const auto share = static_cast<size_t>(middle / total * static_cast<double>(devices));
    const bool is_next = !device.empty() && share > last_share;
    device.push_back(device.empty() ? 0 : device.back() + (is_next ? 1 : 0));
    last_share = share;
    before += segment.bytes;
  }
  return device;
}

/// How many of the first segments of one device stay.
size_t staying(std::span<const Segment> segments, int64_t most_bytes) {
  if (most_bytes == 0 || sum(segments) <= most_bytes) return segments.size();
  size_t count = 0;
  while (sum(segments.first(count + 1)) + largest(segments.subspan(count + 1)) <= most_bytes)
    ++count;
  return count;
}

}  // namespace

std::vector<Place> place_segments(const std::string& model, std::span<const Segment> segments,
                                  size_t devices, int64_t most_bytes) {
  for (const Segment& segment : segments)
    if (most_bytes > 0 && segment.bytes > most_bytes)
      fail(Failure::out_of_memory,
           "model {}, segment {}: {} bytes of weights, at most {} may be loaded at a time: cut it "
           "into smaller segments, or use a device with more memory",
           model, segment.file, segment.bytes, most_bytes);
  std::vector<Place> places;
  const std::vector<size_t> device = dealt(segments, devices);
  for (size_t first = 0; first < segments.size();) {
    const auto end = static_cast<size_t>(
        std::upper_bound(device.begin(), device.end(), device[first]) - device.begin());
    const size_t stay = staying(segments.subspan(first, end - first), most_bytes);
    for (size_t s = first; s < end; ++s) places.push_back({device[s], s < first + stay});
    first = end;
  }
  return places;
}

}  // namespace consilience::models::torchscript
