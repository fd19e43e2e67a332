# SPDX-License-Identifier: Apache-2.0
# Verilator's CMake support makes some forty files a model and compiles each by itself, and Verilator's own library with every
# model: nearly all of that time goes into reading the same headers. Here a model is a few files, and the library is built once.
find_package(verilator REQUIRED HINTS /usr/share/verilator $ENV{VERILATOR_ROOT})

# Verilator's library, with waveforms: FST files are written and read back as ours (sim/rtl), and a failed assertion of the RTL throws.
set(verilated_folder ${VERILATOR_ROOT}/include)
add_library(verilated STATIC
  ${verilated_folder}/verilated.cpp ${verilated_folder}/verilated_dpi.cpp ${verilated_folder}/verilated_fst_c.cpp
  ${verilated_folder}/verilated_threads.cpp ${PROJECT_SOURCE_DIR}/sim/rtl/vl_fatal.cpp
  ${PROJECT_SOURCE_DIR}/sim/rtl/fst_signals.cpp)
set_target_properties(verilated PROPERTIES UNITY_BUILD OFF)
set_source_files_properties(${verilated_folder}/verilated_fst_c.cpp PROPERTIES
  COMPILE_OPTIONS "-include;${PROJECT_SOURCE_DIR}/sim/rtl/fst_files.h")
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")  # Verilator's waveforms, and GTKWave's writer in them, store words where they come to lie
  target_compile_options(verilated PUBLIC -fno-sanitize=alignment)
endif()
target_compile_definitions(verilated PRIVATE VM_TRACE=1 VM_TRACE_FST=1 VL_USER_FATAL)
target_include_directories(verilated PRIVATE ${PROJECT_SOURCE_DIR} ${verilated_folder} ${verilated_folder}/vltstd)
target_link_libraries(verilated PUBLIC fmt::fmt ZLIB::ZLIB Threads::Threads INTERFACE $<LINK_ONLY:sterna_wave>)
target_link_libraries(sterna_wave INTERFACE $<LINK_ONLY:verilated>)

# sterna_verilate(TARGET PREFIX P ...): verilate(), but for the files that it makes: those of the hot half stay alone when they are
# large, and are one file when they are small; the cold half (set-up, waveforms), which is large, is one file and not optimised.
function(sterna_verilate target)
  cmake_parse_arguments(arg "" "PREFIX;OPT_FAST" "" ${ARGN})
  verilate(${target} ${ARGN})
  get_target_property(sources ${target} SOURCES)
  set(kept ${sources})
  list(FILTER kept EXCLUDE REGEX "^${VERILATOR_ROOT}/include/")
  set_target_properties(${target} PROPERTIES SOURCES "${kept}")
  target_link_libraries(${target} PUBLIC verilated)

  set(hot ${sources})
  list(FILTER hot INCLUDE REGEX "/${arg_PREFIX}\\.dir/.*\\.cpp$")
  set(cold ${hot})
  list(FILTER cold INCLUDE REGEX "__(Slow|Trace__[0-9]+)\\.cpp$")
  list(REMOVE_ITEM hot ${cold})
  set(small "")
  foreach(file ${hot})
    file(SIZE ${file} bytes)
    if(bytes LESS 100000)
      list(APPEND small ${file})
    endif()
  endforeach()
  set(cold_flags -O0)
  set(small_flags ${arg_OPT_FAST})
  foreach(half cold small)
    set_source_files_properties(${${half}} PROPERTIES HEADER_FILE_ONLY ON)
    list(TRANSFORM ${half} REPLACE "(.+)" "#include \"\\1\"\n" OUTPUT_VARIABLE text)
    string(JOIN "" text ${text})
    set(pack ${CMAKE_CURRENT_BINARY_DIR}/${target}_${arg_PREFIX}_${half}.cpp)
    file(CONFIGURE OUTPUT ${pack} CONTENT "${text}" @ONLY)
    set_source_files_properties(${pack} PROPERTIES COMPILE_FLAGS "${${half}_flags}" OBJECT_DEPENDS "${${half}}")
    target_sources(${target} PRIVATE ${pack})
  endforeach()
endfunction()
