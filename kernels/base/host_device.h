#pragma once

/// Before a function that kernels call too.
#ifdef __CUDACC__
#define CONSILIENCE_HOST_DEVICE __host__ __device__
#else
#define CONSILIENCE_HOST_DEVICE
#endif
