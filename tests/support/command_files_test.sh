#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the command does to files that it is given, from outside: usage: command_files_test.sh STERNA ROOT
set -euo pipefail
sterna=$(realpath "$1")
root=$(realpath "$2")
model=$root/models/shakespeare.sterna
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "FAILED in line $LINENO: $(cat "$work/stderr")" >&2' ERR
cd "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }
# refuses WORDS COMMAND...: exit code 1 and one line on stderr with these words.
refuses() {
  local words=$1 code=0
  shift
  timeout 60 "$@" >stdout 2>stderr || code=$?
  [ "$code" -eq 1 ] || fail "exit code $code of: $* ($(cat stderr))"
  grep -qF -- "$words" stderr || fail "no '$words' in: $(cat stderr)"
  [ "$(wc -l <stderr)" -eq 1 ] || fail "not one line: $(cat stderr)"
}
# Nothing but the files named is left.
only() { [ "$(ls | grep -vE '^std(out|err)$' | xargs)" = "$*" ] || fail "not only $*: $(ls)"; }

cp "$root/asm/examples/vector.s" v.s
"$sterna" asm v.s -o v.bin

# Devices, pipes and what is open already are written in place; the place of the bytes is theirs alone.
(echo before; "$sterna" asm v.s -o /dev/stdout) >open
cmp <(echo before; cat v.bin) open || fail "/dev/stdout"
"$sterna" asm v.s -o /dev/stdout | cmp - v.bin || fail "/dev/stdout is a pipe"
"$sterna" asm v.s -o /dev/fd/5 5>open
cmp v.bin open || fail "/dev/fd/5"
"$sterna" run "$model" -p A -n 1 --logits /dev/null >stdout
refuses '/dev/full: cannot write: No space left on device' "$sterna" run "$model" -p A -n 1 --logits /dev/full
rm open

# Links stay links, with every kind of output.
echo old >old
link() { cp old target; ln -sf target link; }
written() { [ -L link ] && [ ! -L target ] && ! cmp -s target old || fail "the link of $1"; rm -f link target; }
link; "$sterna" asm v.s -o link; written asm
link; "$sterna" asm v.s --mem link; written mem
link; "$sterna" data random-matrix 5 64 -o link; written data
link; "$sterna" run "$model" -p A -n 1 --logits link >stdout; written logits
link; "$sterna" run "$model" -p A -n 1 --backend rtl --timeline link >stdout; written timeline
link; "$sterna" report "$model" -n 1 -o link >stdout; written report
link; "$sterna" sim v.s --dump 0:64=link >stdout; written dump
link; "$sterna" sim v.s --backend rtl --config tiny --wave link >stdout; written wave
rm old link.gtkw  # beside the waveform, under the name that was given
only v.bin v.s

# A waveform goes to a device or a pipe as to a file.
wave=(sim v.s --backend rtl --config tiny --wave)
"$sterna" "${wave[@]}" w.fst >stdout
"$sterna" "${wave[@]}" /dev/null >stdout
[ -c /dev/null ] || fail "/dev/null is no device any more"
"$sterna" "${wave[@]}" /dev/fd/5 5> >(cat >piped.fst) >stdout
wait "$!" || true
[ "$(stat -c %s piped.fst)" -eq "$(stat -c %s w.fst)" ] || fail "a waveform through a pipe"
# Half of it fits: the file is no good, and is not left.
(ulimit -f $(($(stat -c %s w.fst) / 2048)); refuses 'small.fst: cannot write: File too large' "$sterna" "${wave[@]}" small.fst)
rm w.fst w.gtkw piped.fst
only v.bin v.s

# An output takes the place of no input and of no other output.
cp "$model" m.sterna
same='input and output are the same file'
ln -s v.s v.link
refuses "$same" "$sterna" asm v.s -o v.s
refuses "v.s: $same" "$sterna" asm v.s -o v.link
refuses "$same" "$sterna" run m.sterna -p A -n 1 --logits m.sterna
refuses "$same" "$sterna" report m.sterna -n 1 -o m.sterna
cp v.bin copy.bin
refuses "$same" "$sterna" sim v.s --load 0=v.bin --dump 0:64=v.bin
refuses "$same" "$sterna" sim v.s --backend rtl --config tiny --wave v.s
refuses 'two outputs are the same file' "$sterna" sim v.s --dump 0:64=o --dump 64:64=o
refuses 'two outputs are the same file' bash -c "$sterna asm v.s --list -o o >>o"
rm o
refuses "$same" bash -c "$sterna disasm copy.bin >>copy.bin"
rm copy.bin
refuses 'two outputs are the same file' "$sterna" run m.sterna -p A -n 1 --backend rtl --logits o --timeline ./o
# Nor of what comes through standard input or another open file.
printf 'ROMEO:\n' >text
printf 'step\n' >commands
stdin="standard input: $same"
refuses "$stdin" "$sterna" run m.sterna -n 1 --logits text <text
refuses "$stdin" "$sterna" run m.sterna -p - -n 1 --backend rtl --timeline text <text
refuses "$stdin" bash -c "$sterna run m.sterna -n 1 <text >>text"
refuses "/dev/fd/5: $same" "$sterna" run m.sterna -f /dev/fd/5 -n 1 --logits text 5<text
refuses "text: $same" "$sterna" run m.sterna -f text -n 1 --logits /dev/fd/5 5<>text
refuses "commands: $same" "$sterna" debug v.s --backend rtl --config tiny --wave commands <commands
refuses "commands: $same" "$sterna" debug v.s -x commands --backend rtl --config tiny --wave commands
cmp text <(echo ROMEO:) && cmp commands <(echo step) || fail "standard input was harmed"
"$sterna" run m.sterna -n 1 --logits /dev/null </dev/null 2>stderr && fail "no prompt" || grep -q 'prompt is empty' stderr
rm text commands
# What is refused before anything runs leaves the files that are there, waveforms included.
echo old >old
for wrong in "--dump 0x10000000:64=o" "--dump 0:64=old" "--output y=old" "--seg 0=0x10000000:64"; do
  "$sterna" sim v.s --backend rtl --config tiny --wave old $wrong >stdout 2>stderr && fail "$wrong" || true
  cmp old <(echo old) || fail "$wrong: old was replaced"
done
# And what was printed comes first: without it no file is replaced. (A sterna without XRT has no containers.)
printing=("sim v.s --dump 0:64=old" "sim v.s --output y=old" "sim v.s --backend rtl --config tiny --wave old" "asm v.s --list -o old"
  "run m.sterna -p A -n 1 --logits old" "report m.sterna -n 1 -o old")
if "$sterna" xclbin -o x >stdout 2>stderr; then printing+=("xclbin -o old --env"); else grep -q 'built without XRT' stderr || fail "xclbin: $(cat stderr)"; fi
rm -f x
for verb in "${printing[@]}"; do
  refuses 'cannot write the output: No space left on device' bash -c "$sterna $verb >/dev/full"
  cmp old <(echo old) || fail "$verb: old was replaced"
done
rm old
cmp v.s "$root/asm/examples/vector.s" && cmp m.sterna "$model" || fail "an input was harmed"
rm m.sterna v.link
only v.bin v.s

# A signal leaves nothing behind: it comes when the first token is there, and so the logits' file.
for signal in INT TERM HUP PIPE; do
  mkfifo tokens
  env --default-signal "$sterna" run "$model" -p A -n 1000000 --logits l.bin >tokens 2>stderr &
  exec 6<tokens
  head -c 1 <&6 >stdout
  [ "$(ls l.bin.* | wc -l)" -eq 1 ] || fail "no temporary: $(ls)"
  kill -s "$signal" "$!"
  wait "$!" 2>/dev/null && fail "SIG$signal did not end it"
  exec 6<&-
  rm tokens
  only v.bin v.s
done

# Whatever was not printed is an error, and the first one ends the run.
lost='cannot write the output:'
for verb in "run $model -p A -n 1" "asm v.s --list" "disasm v.bin" "info $model" "sim v.s --trace" "--help"; do
  refuses "$lost No space left on device" bash -c "$sterna $verb >/dev/full"
  refuses "$lost Bad file descriptor" bash -c "$sterna $verb >&-"
done
mkfifo pipe
exec 7<>pipe 8>pipe 7<&-  # a pipe that nobody reads any more
for verb in "run $model -p A -n 100000000" "sim v.s --trace"; do
  refuses "$lost Broken pipe" bash -c "trap '' PIPE; $sterna $verb >&8"
done
exec 8>&-
rm pipe

# The text does not go where the logits go.
refuses "$lost Bad file descriptor" bash -c "$sterna run $model -p A -n 1 --logits l.bin >&-"

# Closed standard streams are not taken for what is opened next, nor is one needed.
"$sterna" asm v.s -o closed.bin <&- >&- 2>&-
cmp closed.bin v.bin || fail "standard streams closed"
"$sterna" report "$model" -n 1 -o report.html >stdout 2>&-
rm closed.bin report.html
only v.bin v.s

# What is no regular file is refused, not waited for.
mkfifo fifo
mkdir folder
for input in fifo folder; do
  refuses "$input: not a regular file" "$sterna" asm $input --list
  refuses "$input: not a regular file" "$sterna" disasm $input
  refuses "$input: not a regular file" "$sterna" sim $input
  refuses "$input: not a regular file" "$sterna" sim v.s --load 0=$input
  refuses "$input: not a regular file" "$sterna" data vector $input -o o
  refuses "$input: not a regular file" "$sterna" run $input -p A
  refuses "$input: not a regular file" "$sterna" run "$model" --batch $input
  refuses "$input: not a regular file" "$sterna" eval "$model" --text $input
  refuses "$input: not a regular file" "$sterna" dram --trace $input
done
rm -r fifo folder

# Lines as they are saved elsewhere: CRLF, a byte order mark, no end of the last line.
elsewhere() { printf '\xef\xbb\xbf'; sed 's/$/\r/' "$1" | head -c -2; }
elsewhere v.s >crlf.s
"$sterna" asm crlf.s -o crlf.bin
cmp crlf.bin v.bin || fail "assembly"
printf '1 2\n# comment\n3,4\n' >v.txt; printf '+0-\n\n0++\n' >m.txt
for kind in vector:v.txt matrix:m.txt; do
  "$sterna" data "${kind%:*}" "${kind#*:}" -o unix
  elsewhere "${kind#*:}" >crlf.txt
  "$sterna" data "${kind%:*}" crlf.txt -o crlf
  cmp unix crlf || fail "$kind"
done
printf 'ROMEO:\n\nJULIET:\n' >batch.txt
elsewhere batch.txt >crlf.txt
for file in batch.txt crlf.txt; do "$sterna" run "$model" --batch $file -n 4 | grep '^\[' >$file.out; done
cmp batch.txt.out crlf.txt.out || fail "batch"
printf 'step\nstep 2\n' >commands
elsewhere commands >crlf.txt
for file in commands crlf.txt; do
  "$sterna" debug v.s -x $file >$file.out
  "$sterna" debug v.s <$file | cmp - $file.out || fail "commands from standard input"
done
cmp commands.out crlf.txt.out || fail "commands"
printf 'ROMEO:\n\nJULIET:\nA\n' >prompt
elsewhere prompt >crlf.txt
for file in prompt crlf.txt; do
  "$sterna" run "$model" -f $file -n 4 | head -n -1 >$file.out
  "$sterna" run "$model" -n 4 <$file | head -n -1 | cmp - $file.out || fail "the prompt from standard input"
done
cmp prompt.out crlf.txt.out || fail "prompt"
sed 's/$/\r/' prompt >crlf.txt
for file in prompt crlf.txt; do "$sterna" eval "$model" --text $file >$file.loss; done
cmp prompt.loss crlf.txt.loss || fail "text to evaluate"
refuses 'standard input: UTF-16 text' bash -c "printf '\xff\xfeA\0' | $sterna run $model"
for verb in "run $model" "debug v.s"; do
  refuses 'standard input: cannot read: Is a directory' bash -c "$sterna $verb </ >/dev/null"
  refuses 'standard input: cannot read: Bad file descriptor' bash -c "$sterna $verb <&- >/dev/null"
done
printf '0x0 READ 1\n0x40 READ 2\n' >t.trc
elsewhere t.trc >crlf.trc
for file in t.trc crlf.trc; do "$sterna" dram --trace $file >$file.out; done
cmp t.trc.out crlf.trc.out || fail "trace"

# A model of 1.7 MB needs no gigabytes of addresses.
for backend in golden "rtl --check golden" "rtl --memory ddr4"; do
  (ulimit -v 4000000; "$sterna" run "$model" -p A -n 1 --backend $backend >stdout 2>stderr)
done
echo ok
