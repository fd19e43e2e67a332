#!/usr/bin/env bash
# usage: tutorial_test.sh SOURCE_DIR STERNA
# Runs every shell block of docs/tutorial.md, in order, and looks for each number that the page shows as output.
set -eu
tutorial=$1/docs/tutorial.md
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

awk '/^```sh$/ { shell = 1; next } /^```/ { shell = 0 } shell' "$tutorial" > "$folder/commands"
ln -s "$1/asm" "$folder/asm"
export PATH="$(dirname "$2"):$PATH"
(cd "$folder" && exec bash -eux commands > output)

shown=$(grep -E '^-?[0-9]+\.[0-9]+$' "$tutorial")
for number in $shown; do
  grep -qxF -e "$number" "$folder/output" || { echo "the tutorial shows $number, the commands do not" >&2; exit 1; }
done
