# Everything from outside, in one place: Debian's packages, and the torch wheel in the virtual environment.
find_package(Threads REQUIRED)
find_package(TBB REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(GTest REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(benchmark REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(Boost REQUIRED COMPONENTS context)  # of the tests' CUDA emulator alone
find_package(PkgConfig REQUIRED)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(SOXR REQUIRED IMPORTED_TARGET soxr)

set(CONSILIENCE_VENV ${PROJECT_SOURCE_DIR}/.venv CACHE PATH "The virtual environment that holds the torch wheel")
file(GLOB site_packages ${CONSILIENCE_VENV}/lib/python3.*/site-packages)
set(torch_root ${site_packages}/torch)
if(NOT EXISTS ${torch_root}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "no torch wheel in ${CONSILIENCE_VENV}: run tools/setup, or set CONSILIENCE_VENV")
endif()

# fmt: the wheel's header-only copy, behind a folder that holds nothing else of LibTorch.
set(fmt_include ${CONSILIENCE_VENV}/fmt_include)
file(MAKE_DIRECTORY ${fmt_include})
file(CREATE_LINK ${torch_root}/include/fmt ${fmt_include}/fmt SYMBOLIC)
add_library(consilience_fmt INTERFACE)
target_include_directories(consilience_fmt SYSTEM INTERFACE ${fmt_include})
target_compile_definitions(consilience_fmt INTERFACE FMT_HEADER_ONLY=1)

# The CUDA toolkit's headers as the wheels bring them, for what is built without a toolkit.
set(CONSILIENCE_CUDA_HEADERS ${site_packages}/nvidia/cu13/include)
if(NOT EXISTS ${CONSILIENCE_CUDA_HEADERS}/crt/host_defines.h OR NOT EXISTS ${CONSILIENCE_CUDA_HEADERS}/cccl/thrust)
  message(FATAL_ERROR "no CUDA headers in ${CONSILIENCE_VENV}: run tools/setup")
endif()

# LibTorch: plain imported targets (find_package(Torch) probes GPUs and adds global flags).
foreach(lib c10 torch_cpu)
  add_library(torch::${lib} SHARED IMPORTED)
  set_target_properties(torch::${lib} PROPERTIES
    IMPORTED_LOCATION ${torch_root}/lib/lib${lib}.so
    INTERFACE_INCLUDE_DIRECTORIES "${torch_root}/include;${torch_root}/include/torch/csrc/api/include")
endforeach()
add_library(consilience_torch INTERFACE)
add_library(consilience_mkl_dispatch STATIC ${CMAKE_CURRENT_LIST_DIR}/mkl_dispatch.cpp)
target_link_libraries(consilience_torch INTERFACE consilience_mkl_dispatch torch::torch_cpu torch::c10)
# The wheel's own CUDA libraries come first at run time: one copy of each is ever loaded.
target_link_options(consilience_torch INTERFACE
  "LINKER:--undefined=mkl_serv_intel_cpu_true" "LINKER:--export-dynamic-symbol=mkl_serv_intel_cpu_true"
  "LINKER:-rpath,${torch_root}/lib" "LINKER:-rpath,${site_packages}/nvidia/cu13/lib"
  "LINKER:-rpath-link,${site_packages}/nvidia/cu13/lib")
if(CONSILIENCE_HAS_CUDA)
  foreach(lib c10_cuda torch_cuda)
    add_library(torch::${lib} SHARED IMPORTED)
    set_target_properties(torch::${lib} PROPERTIES IMPORTED_LOCATION ${torch_root}/lib/lib${lib}.so)
  endforeach()
endif()
