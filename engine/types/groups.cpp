#include "engine/types/groups.h"

#include <algorithm>
#include <unordered_map>

namespace consilience::engine {

std::vector<int32_t> group_numbers(std::span<const std::string> names) {
  if (std::ranges::all_of(names, [](const std::string& name) { return name.empty(); })) return {};
  std::unordered_map<std::string, int32_t> number;
  std::vector<int32_t> groups;
  int32_t next = 0;
  for (const auto& name : names) {
    if (name.empty()) {
      groups.push_back(next++);
      continue;
    }
    const auto [entry, fresh] = number.try_emplace(name, next);
    if (fresh) ++next;
    groups.push_back(entry->second);
  }
  return groups;
}

}  // namespace consilience::engine
