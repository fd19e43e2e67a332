# SPDX-License-Identifier: Apache-2.0
# For the tests of this folder: usage: NAME_test.sh BUILD SOURCE. As tests/emulation/common.sh, for the sterna command with
# --emulate, which makes its environment itself, in a folder of its own.
. "$(dirname "$0")/../emulation/common.sh"
sterna=$build/sterna
model=$source/models/shakespeare.sterna
emulate=(--backend xrt --emulate)
unset XCL_EMULATION_MODE XILINX_XRT XRT_INI_PATH EMCONFIG_PATH SDACCEL_EM_RUN_DIR STERNA_HW_EMU LD_PRELOAD
export STERNA_TEST=$$
# restarted COMMAND...: sterna --emulate in the environment of sterna xclbin --env, without the preload: it takes itself for
# the process that it starts anew, and writes into the folder, so that it gets one of its own.
restarted() {
  setsid -w bash -c 'eval "$("$0" xclbin --env)"; cp -r "$XILINX_XRT" setup; XILINX_XRT=$PWD/setup STERNA_EMULATION=$$ exec "$@"' \
    "$sterna" "$@"
}

# devices: the device processes of this test, by what it exported.
devices() {
  local process
  for process in $(pgrep -f -- 'sterna-hw-emu --config'); do
    if grep -qzx "STERNA_TEST=$STERNA_TEST" "/proc/$process/environ" 2>/dev/null; then echo "$process"; fi
  done
}
no_devices() { [ -z "$(devices)" ]; }
# Folders for emulation that were made since this test began, and of which no process knows.
abandoned_folders() {
  local folder
  find /tmp -maxdepth 1 -name 'sterna-??????' -user "$(id -u)" -newer tiny.xclbin | while read -r folder; do
    grep -qzx "XILINX_XRT=$folder" /proc/[0-9]*/environ 2>/dev/null || echo "$folder"
  done
}
no_abandoned_folders() { [ -z "$(abandoned_folders)" ]; }
nothing_left() {
  wait_until no_devices || fail "$1: device processes are left"
  wait_until no_abandoned_folders || fail "$1: folders are left: $(abandoned_folders)"
  [ ! -e "/tmp/$USER" ] || [ -z "$(ls "/tmp/$USER")" ] || fail "$1: sockets are left: $(ls "/tmp/$USER")"
}
# tokens FILE: the ids in the JSON line at its end.
tokens() { tail -n 1 "$1" | grep -o '"tokens":\[[0-9,]*\]' || fail "no tokens in $(cat "$1")"; }
