#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An installed sterna works wherever its tree stands, with all its parts; DESTDIR stages it; the texts speak of every command.
. "$(dirname "$0")/common.sh"

tree="$work/a tree; of 'ours'"
install_to "$tree"
PATH=/usr/bin:/bin  # nothing of the build folder's
speaks "$tree/share" "$tree/bin/sterna"
ln -s "$tree/bin/sterna" linked
speaks "$tree/share" ./linked
[ -e "$tree/libexec/sterna/libsterna_sentencepiece.so" ] || fail "no SentencePiece"
if [ -e "$build/sterna-hw-emu" ] && [ -e "$build/libsterna_xrt_fast.so" ]; then
  setsid -w ./linked program --emulate --config tiny >emulated || fail "--emulate"
  grep -q MAGIC emulated || fail "--emulate: $(cat emulated)"
fi

install_to /opt/sterna-of-the-test "$work/stage"
[ ! -e /opt/sterna-of-the-test ] || fail "DESTDIR was not honoured"
speaks stage/opt/sterna-of-the-test/share stage/opt/sterna-of-the-test/bin/sterna

# Each command that the help lists stands in the man page and in the completions.
"$tree/bin/sterna" --help | sed -n '/^Subcommands:/,$s/^  \([a-z-]\+\) .*/\1/p' >commands
[ "$(wc -l <commands)" -ge 13 ] || fail "commands: $(cat commands)"
man=$tree/share/man/man1/sterna.1
while read -r command; do
  grep -q "^\.SS \"sterna $command " "$man" || fail "$command is not in the man page"
  for script in bash-completion/completions/sterna zsh/site-functions/_sterna fish/vendor_completions.d/sterna.fish; do
    grep -qw -- "$command" "$tree/share/$script" || fail "$command is not in $script"
  done
done <commands
grep -qF '\fB\-\-backend\fR golden|rtl|xrt' "$man" || fail "no words of --backend in the man page"
if command -v groff >/dev/null; then
  warnings=$(groff -man -Tutf8 -ww -z "$man" 2>&1)
  [ -z "$warnings" ] || fail "man page: $warnings"
fi

# completed LINE...: what bash offers for the last word.
completed() {
  bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sterna; echo "${COMPREPLY[*]}"' \
    "$tree/share/bash-completion/completions/sterna" "$@"
}
[ "$(completed sterna eva)" = eval ] || fail "eva: $(completed sterna eva)"
[ "$(completed sterna run --backend g)" = golden ] || fail "--backend g: $(completed sterna run --backend g)"
[ "$(completed sterna run --temp)" = --temperature ] || fail "--temp: $(completed sterna run --temp)"
[ "$(completed sterna data ma)" = matrix ] || fail "data ma: $(completed sterna data ma)"
echo ok
