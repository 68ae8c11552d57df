#include "engine/graphs/list_length.h"

#include <algorithm>

namespace consilience::engine {
namespace {

constexpr int64_t kLongListRows = 20'000;
constexpr int kLongest = 1024;

}  // namespace

int list_length(int64_t n, int k) {
  const int wanted = n <= kLongListRows ? std::max(k, std::min(4 * k, kLongest)) : k;
  return static_cast<int>(std::clamp<int64_t>(n - 1, 0, wanted));
}

}  // namespace consilience::engine
