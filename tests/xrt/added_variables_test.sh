#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# XRT sets variables while a thread of its own reads others. One that it adds can move the environment, and then that thread
# reads what is freed: all stand there before.
. "$(dirname "$0")/common.sh"

# program COMMAND...: the card's registers, by a command that may take a variable away.
program() {
  restarted env LD_PRELOAD="$preload:$build/libadded_variables.so" "$@" "$sterna" program --config tiny --emulate >stdout 2>stderr
}
program env || fail "$(cat stderr)"
grep -q MAGIC stdout || fail "$(cat stdout)"
[ ! -s stderr ] || fail "XRT adds variables: $(cat stderr)"

# An addition is seen.
program env -u SYSTEMC_DISABLE_COPYRIGHT_MESSAGE || true
[ "$(cat stderr)" = "added: SYSTEMC_DISABLE_COPYRIGHT_MESSAGE" ] || fail "not seen: $(cat stderr)"
nothing_left "at the end"
echo ok
