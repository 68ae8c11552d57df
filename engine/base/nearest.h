#pragma once
#include <string>
#include <vector>

namespace consilience::engine {

/// " (did you mean 'x'?)" for the word of `known` that is at most two edits from `word`; "" when
/// there is none.
[[nodiscard]] std::string did_you_mean(const std::string& word,
                                       const std::vector<std::string>& known);

}  // namespace consilience::engine
