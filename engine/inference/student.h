#pragma once

namespace consilience::engine {

/// The 97.5 % quantile of Student's t law: exact for 1 and 2 degrees of freedom, beyond by the
/// expansion of Abramowitz and Stegun 26.7.5 (off by 0.7 % at 3, 0.01 % at 10).
[[nodiscard]] double student_quantile_975(int degrees);

}  // namespace consilience::engine
