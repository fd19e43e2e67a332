#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: planted.sh ROOT FILE LINE
# What arrows.py says when LINE is added to FILE.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$1"
tar -cf - docs/architecture.md isa support device asm sim host rtl | tar -xf - -C "$folder"
printf '%s\n' "$3" >>"$folder/$2"
"$1/tests/architecture/arrows.py" "$folder" || true
