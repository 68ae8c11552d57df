#include "engine/types/pair_conditioning.h"

#include <algorithm>
#include <string_view>

namespace consilience::engine {

std::string describe_pair(const std::string& conditioning, const GraphFacts& a,
                          const GraphFacts& b) {
  constexpr std::string_view kClamp = "clamp=";
  if (!conditioning.starts_with(kClamp) || (!a.clamp_off_sparse && !b.clamp_off_sparse))
    return conditioning;
  const auto end = std::min(conditioning.find(','), conditioning.size());
  const std::string clamp = conditioning.substr(kClamp.size(), end - kClamp.size());
  const auto side = [&](const GraphFacts& facts) {
    return facts.clamp_off_sparse ? std::string("off(sparse)") : clamp;
  };
  const std::string both = side(a) == side(b) ? side(a) : side(a) + "|" + side(b);
  return std::string(kClamp) + both + conditioning.substr(end);
}

}  // namespace consilience::engine
