# For the tests of this folder: usage: NAME_test.sh BUILD SOURCE. As tests/emulation/common.sh, for the sterna command with
# --emulate, which makes its environment itself.
. "$(dirname "$0")/../emulation/common.sh"
sterna=$build/sterna
model=$source/models/shakespeare.sterna
emulate=(--backend xrt --emulate)
unset XCL_EMULATION_MODE XILINX_XRT XRT_INI_PATH EMCONFIG_PATH SDACCEL_EM_RUN_DIR STERNA_HW_EMU LD_PRELOAD
# Some tests are for this environment, without the preload.
ready_environment() { eval "$("$sterna" xclbin --env)"; }

# devices: the device processes of this test, which have its user.
devices() {
  local process
  for process in $(pgrep -f -- 'sterna-hw-emu --config'); do
    if grep -qzx "USER=$USER" "/proc/$process/environ" 2>/dev/null; then echo "$process"; fi
  done
}
nothing_left() {
  [ -z "$(devices)" ] || fail "$1: device processes are left"
  [ -z "$(ls "/tmp/$USER")" ] || fail "$1: sockets are left: $(ls "/tmp/$USER")"
  [ -z "$(ls -A cache/sterna/run/.run)" ] || fail "$1: folders are left"
}
# tokens FILE: the ids in the JSON line at its end.
tokens() { tail -n 1 "$1" | grep -o '"tokens":\[[0-9,]*\]' || fail "no tokens in $(cat "$1")"; }
