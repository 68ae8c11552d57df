#pragma once
#include <cmath>
#include <limits>
#include <string>

#include "engine/base/json.h"
#include "kernels/base/error.h"

namespace consilience::engine {

/// record[key] as T; Error(never) naming the file and the key when it is missing or another type.
template <typename T>
[[nodiscard]] T field(const Json& record, const char* key, const std::string& file) {
  try {
    return record.at(key).get<T>();
  } catch (const Json::exception& error) {
    fail(Failure::never, "{}: damaged: {}: {}", file, key, json_error(error));
  }
}

/// NaN is null in a record.
[[nodiscard]] inline double number_or_nan(const Json& record, const char* key,
                                          const std::string& file) {
  if (record.contains(key) && record[key].is_null())
    return std::numeric_limits<double>::quiet_NaN();
  return field<double>(record, key, file);
}

}  // namespace consilience::engine
