#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Without the preload it takes XRT's sleeps longer, and nothing else changes.
. "$(dirname "$0")/common.sh"

restarted "$sterna" run "$model" -p "ROMEO:" -n 8 --check golden "${emulate[@]}" >stdout 2>stderr || fail "$(cat stderr)"
grep -q '^8 tokens, .*bit-exact: yes' stdout || fail "$(cat stdout)"
nothing_left "at the end"
echo ok
