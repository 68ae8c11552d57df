# The three outside headers that nearly every file of the engine needs cost seconds a file: they are
# compiled once, by the first target that asks.
function(consilience_precompile name)
  get_property(owner GLOBAL PROPERTY CONSILIENCE_PCH_OWNER)
  if(owner)
    target_precompile_headers(${name} REUSE_FROM ${owner})
  else()
    target_precompile_headers(${name} PRIVATE
      <fmt/format.h> <fmt/ranges.h> <nlohmann/json.hpp>
      <algorithm> <filesystem> <functional> <map> <span> <string> <vector>)
    set_property(GLOBAL PROPERTY CONSILIENCE_PCH_OWNER ${name})
  endif()
endfunction()

# consilience_library(name folder [DEPENDS targets...]): a static library of every .cpp in `folder` (not in its subfolders).
function(consilience_library name folder)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC consilience_options ${ARG_DEPENDS})
    consilience_precompile(${name})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE consilience_options ${ARG_DEPENDS})
  endif()
endfunction()
