#pragma once
#include <memory>
#include <span>
#include <vector>

#include "kernels/cuda/candidate_lists.h"
#include "kernels/cuda/gallery_order.h"

namespace consilience::kernels::cuda {

/// Self and groups, on the current device.
class BarredPairs {
 public:
  /// `queries`: rows of the query side, in the order of their lists.
  BarredPairs(const NeighborCall& call, const GalleryOrder& order,
              std::span<const int32_t> queries) {
    const auto query_count = queries.size();
    std::vector<int32_t> column(query_count, -1);
    for (size_t q = 0; q < query_count; ++q) {
      const int32_t kind = call.barred_kind(queries[q]);
      if (kind >= 0) column[q] = order.place[static_cast<size_t>(kind)];
    }
    column_ = on_device(column);
    const NeighborParams& params = call.params;
    if (params.query_group.empty()) return;
    query_group_ = on_device(picked(params.query_group, queries));
    gallery_group_ = on_device(picked(params.gallery_group, order.rows));
  }

  [[nodiscard]] device::Barred view() const {
    return {at(column_), at(query_group_), at(gallery_group_)};
  }

 private:
  using Numbers = std::unique_ptr<DeviceBuffer<int32_t>>;

  static std::vector<int32_t> picked(std::span<const int32_t> values,
                                     std::span<const int32_t> rows) {
    std::vector<int32_t> result;
    for (const int32_t row : rows) result.push_back(values[static_cast<size_t>(row)]);
    return result;
  }
  static Numbers on_device(const std::vector<int32_t>& values) {
    auto numbers = std::make_unique<DeviceBuffer<int32_t>>(std::ssize(values));
    const Stream stream;
    numbers->upload(values, stream);
    stream.synchronize();
    return numbers;
  }
  static const int32_t* at(const Numbers& numbers) {
    return numbers == nullptr ? nullptr : numbers->data();
  }

  Numbers column_;
  Numbers query_group_;
  Numbers gallery_group_;
};

}  // namespace consilience::kernels::cuda
