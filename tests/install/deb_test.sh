#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package unpacks to a tree that works, and depends on what it is linked with.
. "$(dirname "$0")/common.sh"
cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/packed" >log 2>&1 || fail "$(tail -n 5 log)"
package=$(echo packed/*.deb)
dpkg-deb -x "$package" unpacked
speaks unpacked/usr/share unpacked/usr/bin/sterna
[ -e unpacked/usr/share/man/man1/sterna.1 ] || fail "no man page"
libraries=(libfmt)
[ ! -e unpacked/usr/libexec/sterna/libsterna_mpi.so ] || libraries+=(libopenmpi3)
for library in "${libraries[@]}"; do
  ! command -v dpkg-shlibdeps >/dev/null || dpkg-deb -f "$package" Depends | grep -q "$library" || fail "it does not depend on $library"
done
echo ok
