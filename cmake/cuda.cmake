# SPDX-License-Identifier: Apache-2.0
# STERNA_NVCC: a compiler for the kernels of host/cuda, of CUDA 12.8 or later (which knows sm_100), or nothing. `make cuda` names
# one, else it is that of the path. sterna_cuda_object(OUT SOURCE) compiles with it. CMake's own support of CUDA would look for a whole
# toolkit: all that is needed is the compiler, its headers and the static runtime, no driver.
option(STERNA_CUDA "Build the CUDA engine's kernels where there is a compiler for them" ON)
set(found "")
if(STERNA_CUDA AND NOT CMAKE_CROSSCOMPILING)
  find_program(STERNA_NVCC nvcc)
  if(STERNA_NVCC)
    get_filename_component(cuda_root ${STERNA_NVCC} REALPATH)
    get_filename_component(cuda_root ${cuda_root}/../.. ABSOLUTE)
    execute_process(COMMAND ${STERNA_NVCC} --version OUTPUT_VARIABLE version ERROR_QUIET)
    string(REGEX MATCH "release ([0-9.]+)" version "${version}")
    set(version ${CMAKE_MATCH_1})
    # Of another compiler than at the last time: its own headers and library, too.
    if(DEFINED STERNA_CUDA_ROOT AND NOT cuda_root STREQUAL STERNA_CUDA_ROOT)
      unset(STERNA_CUDA_INCLUDE CACHE)
      unset(STERNA_CUDART CACHE)
    endif()
    set(STERNA_CUDA_ROOT ${cuda_root} CACHE INTERNAL "")
    find_path(STERNA_CUDA_INCLUDE cuda_runtime_api.h HINTS ${cuda_root} PATH_SUFFIXES include targets/x86_64-linux/include)
    find_library(STERNA_CUDART cudart_static HINTS ${cuda_root} PATH_SUFFIXES lib64 lib targets/x86_64-linux/lib)
    if(version VERSION_LESS 12.8)
      message(STATUS "No CUDA engine: ${STERNA_NVCC} is of CUDA ${version}, not 12.8 or later")
    elseif(NOT STERNA_CUDA_INCLUDE OR NOT STERNA_CUDART)
      message(STATUS "No CUDA engine: ${STERNA_NVCC} has no cuda_runtime_api.h or no libcudart_static beside it")
    else()
      set(found "CUDA ${version}")
    endif()
  endif()
endif()
if(found)
  message(STATUS "CUDA engine: ${STERNA_NVCC} (${found})")
  set(STERNA_HAS_CUDA TRUE)
  # CUDA's C interface, for what g++ compiles.
  add_library(sterna_cudart INTERFACE)
  target_include_directories(sterna_cudart SYSTEM INTERFACE ${STERNA_CUDA_INCLUDE})
  target_link_libraries(sterna_cudart INTERFACE ${STERNA_CUDART} Threads::Threads ${CMAKE_DL_LIBS} rt)
else()
  set(STERNA_HAS_CUDA FALSE)
endif()

# An object with code for Ampere, Hopper and Blackwell, and PTX for what comes after them.
function(sterna_cuda_object out source)
  get_filename_component(name ${source} NAME_WE)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.cu.o)
  set(code -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_100,code=[sm_100,compute_100])
  add_custom_command(OUTPUT ${object} DEPENDS ${source} DEPFILE ${object}.d VERBATIM
    COMMENT "Building CUDA object ${name}.cu.o"
    COMMAND ${STERNA_NVCC} -std=c++20 -O3 ${code} --threads 2 -I${PROJECT_SOURCE_DIR} -MD -MF ${object}.d -MT ${object}
      -c ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${object})
  set(${out} ${object} PARENT_SCOPE)
endfunction()
