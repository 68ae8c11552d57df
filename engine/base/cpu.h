#pragma once
#include <string>

namespace consilience::engine {

/// The widest instruction set of this CPU that numeric libraries dispatch on: "avx512_bf16",
/// "avx512", "avx2", "sse", or "generic". Part of a numerics class.
[[nodiscard]] std::string cpu_isa();

}  // namespace consilience::engine
