# SPDX-License-Identifier: Apache-2.0
# What `make install` puts where (docs/install.md). Parts that were not configured are left out. The programs find their parts
# by their places to each other (support/parts.h), so bin and libexec/sterna are fixed and the whole tree may be moved.
include(GNUInstallDirs)

# The library for other programs: the runtime with golden, without simulators and XRT. Objects of the build's own libraries.
set(library_parts sterna_support sterna_isa sterna_device sterna_asm sterna_fff sterna_engine sterna_ranks sterna_program sterna_golden sterna_model sterna_plan sterna_planned sterna_cpu sterna_runtime)
list(TRANSFORM library_parts REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE library_objects)
add_library(sterna_library STATIC ${library_objects})
set_target_properties(sterna_library PROPERTIES OUTPUT_NAME sterna EXPORT_NAME sterna LINKER_LANGUAGE CXX)
target_compile_features(sterna_library INTERFACE cxx_std_20)
target_include_directories(sterna_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/sterna>)
target_link_libraries(sterna_library INTERFACE fmt::fmt nlohmann_json::nlohmann_json ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
# The rpath leads to the library of SentencePiece, which is loaded when a model needs it.
target_link_options(sterna_library INTERFACE $<INSTALL_INTERFACE:LINKER:-rpath,$<INSTALL_PREFIX>/libexec/sterna>)

# Its headers: these, and what they include. Paths as within the repository.
set(library_headers
  asm/assembler.h asm/disassembler.h asm/program_file.h isa/generated/isa.h
  device/device.h host/program/program.h
  host/model/compiler.h host/model/sentencepiece_model.h host/model/sterna_file.h host/model/tokenizer.h
  host/fff/float_layer.h host/fff/ternary_layer.h
  host/cpu/cpu_engine.h
  host/engine/checking_engine.h host/engine/engine.h
  host/runtime/device_engine.h host/runtime/sampler.h host/runtime/scheduler.h
  sim/golden/golden_device.h)
set(pending ${library_headers})
while(pending)
  list(POP_FRONT pending header)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  file(STRINGS ${header} includes REGEX "^#include \"")
  list(TRANSFORM includes REPLACE "^#include \"(.*)\".*" "\\1")
  list(REMOVE_ITEM includes ${library_headers})
  list(APPEND library_headers ${includes})
  list(APPEND pending ${includes})
endwhile()
foreach(header ${library_headers})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sterna/${folder})
endforeach()

# The man page and the completion, as the command itself prints them.
set(texts)
foreach(text "man:sterna.1" "completion bash:sterna.bash" "completion zsh:_sterna" "completion fish:sterna.fish")
  string(REGEX MATCH "^(.*):(.*)$" text ${text})
  set(file ${PROJECT_BINARY_DIR}/install/${CMAKE_MATCH_2})
  separate_arguments(verb UNIX_COMMAND ${CMAKE_MATCH_1})
  add_custom_command(OUTPUT ${file} DEPENDS sterna VERBATIM
    COMMAND sterna ${verb} > ${file}.part COMMAND ${CMAKE_COMMAND} -E rename ${file}.part ${file})
  list(APPEND texts ${file})
endforeach()
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/install)

# Everything that is installed, and no more than that.
add_custom_target(installable ALL DEPENDS ${texts} sterna sterna_library sterna_sentencepiece)

install(TARGETS sterna RUNTIME DESTINATION bin)
set_target_properties(sterna PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)  # an XRT in a folder of its own
install(TARGETS sterna_sentencepiece LIBRARY DESTINATION libexec/sterna)
if(TARGET sterna_mpi)
  install(TARGETS sterna_mpi LIBRARY DESTINATION libexec/sterna)
  add_dependencies(installable sterna_mpi)
endif()
if(TARGET sterna-hw-emu AND TARGET sterna_xrt_fast)
  install(TARGETS sterna-hw-emu sterna_xrt_fast RUNTIME DESTINATION libexec/sterna LIBRARY DESTINATION libexec/sterna)
  add_dependencies(installable sterna-hw-emu sterna_xrt_fast)
endif()
install(FILES ${PROJECT_BINARY_DIR}/install/sterna.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${PROJECT_BINARY_DIR}/install/sterna.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME sterna)
install(FILES ${PROJECT_BINARY_DIR}/install/_sterna DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${PROJECT_BINARY_DIR}/install/sterna.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES models/shakespeare.sterna models/shakespeare-fff.sterna DESTINATION ${CMAKE_INSTALL_DATADIR}/sterna/models)
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# find_package(sterna) gives sterna::sterna; pkg-config knows it as sterna.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sterna)
include(CMakePackageConfigHelpers)
configure_file(cmake/sterna-config.cmake.in install/sterna-config.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/install/sterna-config-version.cmake COMPATIBILITY SameMinorVersion)
install(TARGETS sterna_library EXPORT sterna ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT sterna NAMESPACE sterna:: FILE sterna-targets.cmake DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/install/sterna-config.cmake ${PROJECT_BINARY_DIR}/install/sterna-config-version.cmake DESTINATION ${package_dir})
file(RELATIVE_PATH to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" to_prefix ${to_prefix})
configure_file(cmake/sterna.pc.in install/sterna.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/install/sterna.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# cpack -G DEB, from `make deb`.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Sterna's authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Accelerator for ternary MatMul-free language models: simulators, compiler, runtime")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS unzip)  # XRT's emulation calls it
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openmpi-bin, libfmt-dev, nlohmann-json3-dev, zlib1g-dev")  # mpirun; to link libsterna.a
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
endif()
include(CPack)
