# SPDX-License-Identifier: Apache-2.0
# For the tests of this folder: usage: NAME_test.sh BUILD SOURCE. Every run has a folder of its own for what XRT writes.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
build=$(realpath "$1")
source=$(realpath "$2")
work=$(mktemp -d)
# The sockets lie in /tmp/$USER: a user of our own keeps others' out of the counts.
export USER=sterna-test-$$
finish() {
  # Everything that a test starts has its folder in its command line.
  for process in $(pgrep -f -- "$work/"); do kill -KILL "$process" 2>/dev/null || true; done
  rm -rf "$work" "/tmp/$USER"
}
trap finish EXIT
trap 'echo "FAILED in line $LINENO: $(tail -n 20 "$work/stderr" 2>/dev/null)" >&2' ERR
cd "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }

"$build/sterna" asm "$source/asm/examples/vector.s" -o vector.bin
"$build/sterna" xclbin --target hw_emu --config tiny -o tiny.xclbin
eval "$("$build/sterna" xclbin --env)"
ln -s "$STERNA_HW_EMU" sterna-hw-emu
export SDACCEL_EM_RUN_DIR=$work/run
mkdir run
export STERNA_HW_EMU=$work/sterna-hw-emu
preload=$build/libsterna_xrt_fast.so
xclbin=$work/tiny.xclbin
program=$work/vector.bin

# devices: the device processes of this test.
devices() { pgrep -f -- "^$STERNA_HW_EMU " || true; }
# wait_until COMMAND...: looks until it succeeds, up to a minute, which only a test that fails takes.
wait_until() {
  for _ in $(seq 600); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  return 1
}
