// Which instruction sets the SIMD files are compiled for; the best one the machine has is chosen at
// run time. Include before Highway's headers.
// Vectors whose length is unknown to the compiler cannot form register tiles; SSSE3 brings nothing
// here over SSE4.
#define HWY_WANT_AVX3_DL 1
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3)
