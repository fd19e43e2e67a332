#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No invalid access in the host's process, XRT's part of it included, with the set-up of sterna xclbin --env; and without that
# set-up's padding valgrind does find XRT's fault, so that it would find it here.
. "$(dirname "$0")/common.sh"
export LD_PRELOAD=$preload

watch() {
  setsid -w valgrind -q --child-silent-after-fork=yes --error-exitcode=9 --suppressions="$here/valgrind.supp" \
    "$build/plain_xrt" "$xclbin" "$program" >stdout 2>stderr
}
watch || fail "$(cat stderr)"
grep -q '^100 elements' stdout || fail "no result: $(cat stdout)"

sed '/^padding=/d' "$XRT_INI_PATH" >unpadded.ini
code=0
{ XRT_INI_PATH=$work/unpadded.ini watch || code=$?; } 2>/dev/null  # it may crash
[ "$code" -ne 0 ] && grep -q 'Invalid write' stderr || fail "valgrind does not see the fault: $(cat stderr)"
echo ok
