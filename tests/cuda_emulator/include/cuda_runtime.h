#pragma once
/// Stands before the toolkit's header of this name where g++ compiles .cu files for the emulator.
/// Types and the runtime's C functions are the toolkit's own declarations.
#include <cuda_runtime_api.h>
#include <device_types.h>
#include <vector_functions.h>

#include "tests/cuda_emulator/device/arithmetic.h"
#include "tests/cuda_emulator/device/atomics.h"
#include "tests/cuda_emulator/device/shared_array.h"
#include "tests/cuda_emulator/device/warp.h"
#include "tests/cuda_emulator/launch.h"
