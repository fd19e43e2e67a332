# SPDX-License-Identifier: Apache-2.0
# Cross builds for 64-bit Arm, as on Kria boards: Debian's g++-aarch64-linux-gnu, libraries from the folder that
# scripts/aarch64_libraries.sh fills (STERNA_SYSROOT), programs run by qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
if(NOT CMAKE_CXX_COMPILER)
  set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
endif()
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)

set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES STERNA_SYSROOT)
set(CMAKE_FIND_ROOT_PATH ${STERNA_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()

set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu
  -E LD_LIBRARY_PATH=${STERNA_SYSROOT}/lib/aarch64-linux-gnu:${STERNA_SYSROOT}/usr/lib/aarch64-linux-gnu)
