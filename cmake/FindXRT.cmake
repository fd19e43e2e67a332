# SPDX-License-Identifier: Apache-2.0
# The Xilinx Runtime: target XRT::coreutil, its native C++ API. AMD's own packages are found through XILINX_XRT (set by their
# setup.sh) or in /opt/xilinx/xrt, Debian's (libxrt-dev, uuid-dev) in the system's folders.
find_path(XRT_INCLUDE_DIR xrt/xrt_device.h HINTS $ENV{XILINX_XRT}/include /opt/xilinx/xrt/include PATH_SUFFIXES xrt)
find_path(XRT_UUID_INCLUDE_DIR uuid/uuid.h)
find_library(XRT_COREUTIL_LIBRARY xrt_coreutil HINTS $ENV{XILINX_XRT}/lib /opt/xilinx/xrt/lib)
find_library(XRT_UUID_LIBRARY uuid)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(XRT
  REQUIRED_VARS XRT_COREUTIL_LIBRARY XRT_INCLUDE_DIR XRT_UUID_LIBRARY XRT_UUID_INCLUDE_DIR)
mark_as_advanced(XRT_INCLUDE_DIR XRT_UUID_INCLUDE_DIR XRT_COREUTIL_LIBRARY XRT_UUID_LIBRARY)

if(XRT_FOUND AND NOT TARGET XRT::coreutil)
  add_library(XRT::coreutil UNKNOWN IMPORTED)
  set_target_properties(XRT::coreutil PROPERTIES
    IMPORTED_LOCATION ${XRT_COREUTIL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES "${XRT_INCLUDE_DIR};${XRT_UUID_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES ${XRT_UUID_LIBRARY})
endif()
