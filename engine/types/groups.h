#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace consilience::engine {

/// Numbers for group or class names, in order of appearance; a row without a name is a group of its
/// own. Empty when no row has a name.
[[nodiscard]] std::vector<int32_t> group_numbers(std::span<const std::string> names);

}  // namespace consilience::engine
