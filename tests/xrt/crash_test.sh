#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# However sterna ends, and whenever, its children and its folder go with it, and nobody else does.
. "$(dirname "$0")/common.sh"

gone() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }
children_gone() { no_devices && no_abandoned_folders; }
loading() { [ -s pid ] && [ -n "$(devices)" ]; }
speaking() { [ -s pid ] && [ "$(wc -c <stdout)" -gt 8 ]; }

for when in loading speaking; do
  for signal in KILL SEGV ABRT TERM; do
    # The shell in front is what XRT's handlers ended as well.
    setsid bash -c '"$@" & echo $! >pid; wait $!; echo "$?" >code' - \
      "$sterna" run "$model" -p ROMEO: -n 1000000 "${emulate[@]}" >stdout 2>stderr &
    shell=$!
    wait_until $when || fail "it does not start: $(cat stderr)"
    host=$(cat pid)
    kill -s "$signal" "$host"
    wait_until gone "$host" || fail "$signal while $when: sterna goes on"
    wait "$shell" || fail "$signal while $when: the shell was ended, too"
    [ -s code ] || fail "$signal while $when: the shell was ended, too"
    wait_until children_gone || fail "$signal while $when: left: $(devices) $(abandoned_folders)"
    rm -f pid code
  done
done
echo ok
