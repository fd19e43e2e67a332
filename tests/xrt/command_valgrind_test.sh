#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No invalid access by sterna, nor by XRT under it, while it speaks over XRT.
. "$(dirname "$0")/common.sh"
"$sterna" run "$model" -p "R" -n 2 --json >golden
restarted env LD_PRELOAD="$preload" valgrind -q --child-silent-after-fork=yes --error-exitcode=9 \
  --suppressions="$here/../emulation/valgrind.supp" \
  "$sterna" run "$model" -p "R" -n 2 --json "${emulate[@]}" >stdout 2>stderr || fail "$(cat stderr)"
[ "$(tokens stdout)" = "$(tokens golden)" ] || fail "not golden's tokens: $(cat stdout)"
nothing_left "after valgrind"
echo ok
