# SPDX-License-Identifier: Apache-2.0
# Every test has a label for ctest -L (CONTRIBUTING.md) and a time after which it counts as hanging: those of its folder, if it
# does not say otherwise.
foreach(part support asm golden dram sim rtl_units rtl_checks synth constraints fff cpu cuda ranks host serial server e2e install fuzz)
  set(label_${part} unit)
endforeach()
foreach(part oracle rtl replay platform bert)
  set(label_${part} differential)
endforeach()
foreach(part architecture lint rtl_lint)
  set(label_${part} lint)
endforeach()
foreach(part emulation xrt)
  set(label_${part} xrt)
endforeach()
set(label_formal formal)
set(label_host_build slow)

set(STERNA_TEST_TIMEOUT 300)  # seconds; on a busy machine the longest take a tenth of it

# sterna_discover_tests(TARGET [LABEL label] [TIMEOUT seconds] [arguments of gtest_discover_tests])
function(sterna_discover_tests target)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL ${STERNA_LABEL})
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT ${STERNA_TEST_TIMEOUT})
  endif()
  gtest_discover_tests(${target} ${arg_UNPARSED_ARGUMENTS} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# At the end of each folder: the tests that add_test() made there.
function(sterna_label_tests)
  get_property(tests DIRECTORY PROPERTY TESTS)
  foreach(test ${tests})
    set_property(TEST ${test} APPEND PROPERTY LABELS ${STERNA_LABEL})
    get_property(timeout TEST ${test} PROPERTY TIMEOUT)
    if(NOT timeout)
      set_property(TEST ${test} PROPERTY TIMEOUT ${STERNA_TEST_TIMEOUT})
    endif()
  endforeach()
endfunction()
