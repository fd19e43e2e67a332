#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whatever the user's folders and variables are called, none of it reaches XRT's shell commands, LD_PRELOAD or a socket's name.
. "$(dirname "$0")/common.sh"

# A word that runs a command wherever a shell reads it unquoted or in double quotes: then a file "hit" is somewhere below.
trap_name="a b;touch hit;\$(touch hit)\`touch hit\`'\"&:"
# works VARIABLE=VALUE... COMMAND...: loads the emulated card, without another word.
works() {
  timeout 60 setsid -w env "$@" --emulate >stdout 2>stderr || fail "$*: $(cat stderr)"
  grep -q MAGIC stdout || fail "$*: $(cat stdout)"
  [ ! -s stderr ] || fail "$*: $(cat stderr)"
}
tiny=(--config tiny)
long=$(printf 'u%.0s' $(seq 200))

# What XRT did with a blank in HOME: chmod -R 777 on the folder whose name ends there.
mkdir -p John/private "John Doe"
echo secret >John/private/key
chmod 700 John John/private
chmod 600 John/private/key
works HOME="$work/John Doe" "$sterna" program "${tiny[@]}"
works XDG_CACHE_HOME="$work/John Doe" "$sterna" program "${tiny[@]}"
[ "$(stat -c %a John John/private John/private/key | tr '\n' ' ')" = "700 700 600 " ] || fail "modes were changed"
[ -z "$(ls -A "John Doe")" ] || fail "something was written below HOME"

for name in HOME XDG_CACHE_HOME TMPDIR USER; do
  works "$name=$work/$trap_name" "$sterna" program "${tiny[@]}"
  works "$name=$long" "$sterna" program "${tiny[@]}"
  works "$name=" "$sterna" program "${tiny[@]}"
done
works -i STERNA_TEST="$STERNA_TEST" "$sterna" program "${tiny[@]}"
works PATH=/nowhere "$sterna" program "${tiny[@]}"

# The program, the working folder and the xclbin.
mkdir "$trap_name"
cd "$trap_name"
cp "$sterna" "$build"/{sterna-hw-emu,libsterna_xrt_fast.so,libsterna_sentencepiece.so} .
works ./sterna program "${tiny[@]}"
./sterna xclbin --config tiny -o "$trap_name.xclbin"
works ./sterna program --xclbin "$trap_name.xclbin"

# A program of the user's, with the variables for all, finds the device process by the name in the xclbin.
(
  export HOME=$PWD USER=$trap_name XDG_CACHE_HOME=$PWD
  eval "$(./sterna xclbin --env --fast)"
  unset STERNA_HW_EMU
  timeout 60 setsid -w "$build/plain_xrt" "$trap_name.xclbin" "$program" >stdout 2>stderr || fail "--env: $(cat stderr)"
  grep -q '^100 elements' stdout || fail "--env: $(cat stdout stderr)"
)
cd "$work"
[ -z "$(find . -name hit)" ] || fail "a shell took a name for a command"
nothing_left "at the end"
echo ok
