# Language level, warnings and floating-point rules for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Sloppiness: what ccache's manual asks for where headers are precompiled, with -fpch-preprocess below.
  # The rest lets one clone use what another compiled.
  set(cached ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${cached})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${cached})
endif()

add_library(consilience_options INTERFACE)
target_include_directories(consilience_options INTERFACE ${PROJECT_SOURCE_DIR})
set(warnings -Wall -Wextra -Wconversion -Wshadow)
if(CONSILIENCE_WERROR)
  list(APPEND warnings -Werror)
endif()
# No contraction: every fused multiply-add in this project is written out (numerics: the same bits everywhere).
target_compile_options(consilience_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:${warnings};-ffp-contract=off;-fpch-preprocess>")
if(CONSILIENCE_SANITIZE)
  target_compile_options(consilience_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${CONSILIENCE_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=all>")
  target_link_options(consilience_options INTERFACE -fsanitize=${CONSILIENCE_SANITIZE})
endif()
