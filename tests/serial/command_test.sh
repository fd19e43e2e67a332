#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: command_test.sh STERNA SERIAL_BOARD ROOT      the command on a board behind a pseudo-terminal, and loading a board with a loader
# that only says what openFPGALoader would.
set -euo pipefail
sterna=$1 serial_board=$2 root=$3
folder=$(mktemp -d)
board=
trap '[ -z "$board" ] || kill "$board" 2>/dev/null; rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

# expect_error TEXT ARGUMENT...: one line with TEXT in it, and not success.
expect_error() {
  local text=$1
  shift
  ! "$sterna" "$@" >"$folder/out" 2>"$folder/err" </dev/null || fail "succeeds: $*"
  grep -qF -- "$text" "$folder/err" || fail "'$text' is not what $* says: $(cat "$folder/err")"
  [ "$(wc -l <"$folder/err")" = 1 ] || fail "more than a line: $(cat "$folder/err")"
}

# ------------------------------------------------------------------------------------------------ a board
mkfifo "$folder/port"
start_board() {
  "$serial_board" "$@" >"$folder/port" &
  board=$!
  read -r port <"$folder/port"
}
start_board
model=$root/models/shakespeare.sterna

"$sterna" run "$model" -p "ROMEO:" -n 24 --backend golden >"$folder/golden"
"$sterna" run "$model" -p "ROMEO:" -n 24 --backend serial --port "$port" --check golden >"$folder/serial"
grep -q "24 tokens, .* on serial (ulx3s, $port), bit-exact: yes" "$folder/serial" || fail "$(cat "$folder/serial")"
diff <(head -n 2 "$folder/golden") <(head -n 2 "$folder/serial") || fail "another text than golden's"
"$sterna" sim "$root/asm/examples/vector.s" --backend serial --port "$port" >"$folder/serial"
grep -qF "serial (ulx3s, $port): OK at pc 7, 8 instructions" "$folder/serial" || fail "$(cat "$folder/serial")"
grep -qF "memory equal to golden's" "$folder/serial" || fail "$(cat "$folder/serial")"

# Instruction by instruction: the debugger's own test, and every result of a token compared.
"$root/tests/sim/debug_test.sh" "$sterna" "$root/asm/examples" serial --port "$port" --memory-bytes 0x4000 >"$folder/out" || fail "$(cat "$folder/out")"
"$sterna" sim "$root/asm/examples/vector.s" --backend serial --port "$port" --memory-bytes 0x4000 --lockstep >"$folder/serial"
grep -qF "memory equal to golden's, 7 instructions compared with golden, all equal" "$folder/serial" || fail "$(cat "$folder/serial")"
"$sterna" run "$model" -p "R" -n 1 --backend serial --port "$port" --lockstep >"$folder/serial"
grep -q "^lockstep: [1-9][0-9][0-9] instructions equal to golden's, in [1-9][0-9]* runs$" "$folder/serial" || fail "$(cat "$folder/serial")"

# A program without HALT does not go on into an earlier one.
printf 'SET v0, fix(1), 16\nHALT\n' >"$folder/ends.s"
head -n 1 "$folder/ends.s" >"$folder/open.s"
here=(--backend serial --port "$port" --memory-bytes 0x4000)
"$sterna" sim "$folder/ends.s" "${here[@]}" >"$folder/out"
expect_error "open.s: the program ended with ILLEGAL_INSTRUCTION" sim "$folder/open.s" "${here[@]}"

# Answers over HTTP from the board: greedy, so golden's. When the board was another for a while, the next answer is an error, and the
# one behind it comes from a board that was loaded anew.
mkfifo "$folder/http"
ln -s "$port" "$folder/tty"
"$sterna" serve "$model" --backend serial --serial-port "$folder/tty" --port 0 >"$folder/http" 2>"$folder/err" &
server=$!
{ read -r _ _ address; read -r ready; } <"$folder/http"
[[ $ready == "ready: shakespeare"*"serial (ulx3s, $folder/tty)"* ]] || fail "$ready"
cat >"$folder/ask.py" <<'ASK'
import json, sys, urllib.error, urllib.request
question = json.dumps({"model": "shakespeare", "prompt": "ROMEO:", "max_tokens": 24, "temperature": 0}).encode()
try:
    answer = urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/v1/completions", question, {"Content-Type": "application/json"}))
    print(json.load(answer)["choices"][0]["text"])
except urllib.error.HTTPError as error:
    print(error.code, json.load(error)["error"]["code"])
ASK
python3 "$folder/ask.py" "$address" >"$folder/answer"
grep -qF "$(head -n 2 "$folder/golden" | tail -n 1)" "$folder/answer" || fail "answers $(cat "$folder/answer")"
kill "$board"
wait "$board" || true
[ "$(python3 "$folder/ask.py" "$address")" = "500 engine_failed" ] || fail "answers without a board"
[ "$(python3 "$folder/ask.py" "$address")" = "500 engine_failed" ] || fail "answers without a board"
start_board
ln -sfn "$port" "$folder/tty"
python3 "$folder/ask.py" "$address" >"$folder/again"
diff "$folder/answer" "$folder/again" || fail "another answer from the second board"
grep -q "^sterna: shakespeare: the engine failed: serial: $folder/tty: the port is gone" "$folder/err" || fail "$(cat "$folder/err")"
kill "$server"
wait "$server" || fail "the server ends with $?"
expect_error "--serial-port is for --backend serial" serve "$model" --serial-port "$port"
expect_error "serves one model: a board holds one" serve "$model" "$root/models/shakespeare-fff.sterna" --backend serial --serial-port "$port"

# A cable that is pulled out between two looks.
coproc DEBUGGER { "$sterna" debug "$root/asm/examples/vector.s" --backend serial --port "$port" --memory-bytes 0x4000 2>"$folder/err"; }
debugger=$DEBUGGER_PID
echo step >&"${DEBUGGER[1]}"
while read -r line <&"${DEBUGGER[0]}" && [[ $line != "next  pc    1"* ]]; do :; done
kill "$board"
wait "$board" || true
echo step >&"${DEBUGGER[1]}"
! wait "$debugger" || fail "debugs what is gone"
grep -q "^sterna: standard input:2: serial: $port: the port is gone" "$folder/err" && [ "$(wc -l <"$folder/err")" = 1 ] || fail "$(cat "$folder/err")"
start_board

expect_error "--memory-bytes 0x4000000: serial (ulx3s, $port): alloc: 67108864 bytes do not fit in channel 0 (33554432 bytes in all)" \
  sim "$root/asm/examples/vector.s" --backend serial --port "$port" --memory-bytes 0x4000000
expect_error "(33554432 bytes in all), 24576 of which registers are read through" \
  debug "$root/asm/examples/vector.s" --backend serial --port "$port" --memory-bytes 0x2000000
expect_error "needs --port" run "$model" -p a --backend serial
expect_error "--port is for --backend serial" run "$model" -p a --backend golden --port "$port"
expect_error "/dev/null: is no serial port" run "$model" -p a --backend serial --port /dev/null
# While one program has the port, another does not get it.
flock "$port" "$sterna" run "$model" -p a --backend serial --port "$port" >"$folder/out" 2>"$folder/err" && fail "took a port in use"
grep -q "another program uses it" "$folder/err" || fail "$(cat "$folder/err")"

# A board with less memory than the model takes.
kill "$board"
wait "$board" || true
start_board 999424
expect_error "$model: serial (ulx3s, $port): alloc: " run "$model" -p a --backend serial --port "$port"
expect_error "do not fit in channel 0 (" run "$model" -p a --backend serial --port "$port"
kill "$board"
wait "$board" || true
start_board

# ------------------------------------------------------------------------------------------------ loading it
# bitstream FILE PART IDCODE (in octal escapes)
bitstream() { printf '\377\000Part: %s\000\377\377\377\275\263\377\377\377\377;\000\000\000\342\000\000\000%b\136\000\000\000\377\377\377\377' "$2" "$3" >"$1"; }
bitstream "$folder/good.bit" LFE5U-85F-6CABGA381 '\101\021\060\103'
bitstream "$folder/small.bit" LFE5U-25F-6CABGA381 '\101\021\020\103'
bitstream "$folder/liar.bit" LFE5U-85F-6CABGA381 '\101\021\020\103'
mkdir "$folder/bin"
cat >"$folder/bin/openFPGALoader" <<'LOADER'
#!/bin/sh
echo "$@" >"$0.called"
. "$0.says"
LOADER
chmod +x "$folder/bin/openFPGALoader"
loader() { echo "$1" >"$folder/bin/openFPGALoader.says"; }
PATH=$folder/bin:$PATH

loader 'exit 0'
"$sterna" program --board ulx3s "$folder/good.bit" --port "$port" >"$folder/out"
grep -q "MAGIC 0x4e525453" "$folder/out" || fail "$(cat "$folder/out")"
grep -qx -- "-b ulx3s $folder/good.bit" "$folder/bin/openFPGALoader.called" || fail "called as $(cat "$folder/bin/openFPGALoader.called")"
rm "$folder/bin/openFPGALoader.called"
expect_error "for an LFE5U-25F-6CABGA381, but a ULX3S-85F has an LFE5U-85F" program --board ulx3s "$folder/small.bit"
expect_error "IDCODE 0x41111043, but a ULX3S-85F has 0x41113043" program --board ulx3s "$folder/liar.bit"
bitstream "$folder/other.bit" LFE5U-85F-6CABGA756 '\101\021\060\103'
expect_error "for an LFE5U-85F-6CABGA756, but a ULX3S-85F has an LFE5U-85F (CABGA381)" program --board ulx3s "$folder/other.bit"
head -c -6 "$folder/good.bit" >"$folder/cut.bit"
expect_error "truncated" program --board ulx3s "$folder/cut.bit"
printf '\377\000Part: LFE5U-25F\377\377\275\263' >"$folder/open.bit"  # nothing ends the name
expect_error "for an LFE5U-25F, but a ULX3S-85F" program --board ulx3s "$folder/open.bit"
expect_error "no bitstream of an ECP5" program --board ulx3s "$model"
expect_error "there is no board 'ulx4s': ulx3s" program --board ulx4s "$folder/good.bit"
expect_error "needs a bitstream" program --board ulx3s
head -c 40 "$folder/good.bit" >"$folder/short.bit"
expect_error "does not say for which FPGA" program --board ulx3s "$folder/short.bit"
[ ! -e "$folder/bin/openFPGALoader.called" ] || fail "loaded what is not the board's"
loader 'echo "unable to open ftdi device: -3 (device not found)" >&2; exit 1'
expect_error "no board: is it plugged in?" program --board ulx3s "$folder/good.bit"
loader 'echo "unable to open ftdi device: -4 (unable to open device)"; exit 1'
expect_error "no permission: the udev rule" program --board ulx3s "$folder/good.bit"
loader 'echo "mismatch between target'"'"'s idcode and bitstream idcode"; echo "Error: Failed to program FPGA: std::exception"; exit 1'
expect_error "another board: its FPGA is not the bitstream's" program --board ulx3s "$folder/good.bit"
loader 'kill -9 $$'
expect_error "openFPGALoader: ended by signal 9" program --board ulx3s "$folder/good.bit"
loader 'echo one; echo "something is wrong"; echo; exit 3'
expect_error "openFPGALoader: something is wrong" program --board ulx3s "$folder/good.bit"
! env PATH=/nowhere "$sterna" program --board ulx3s "$folder/good.bit" 2>"$folder/err" || fail "succeeds without a loader"
grep -q "openFPGALoader is not installed" "$folder/err" || fail "$(cat "$folder/err")"
echo "passed"
