#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: command_test.sh PYTHON TRAIN_FOLDER STERNA
# sterna bert on a random folder: what it prints and writes, and what it refuses.
set -euo pipefail
python=$1 train=$2 sterna=$3 here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -B "$here/reference.py" "$train" "$folder/m" --layers 2 --width 96 --heads 4 --vocab 188 --tokens 20 --depth 5
cp "$here/tokenizer/tokenizer.json" "$folder/m"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}
# refused LINE ARGUMENT...: exit 1 and that line, with $folder written as FOLDER.
refused() {
  local line=$1
  shift
  ! "$sterna" bert "$@" >"$folder/out" 2>"$folder/said" || fail "took $*"
  [ "$(sed "s|$folder|FOLDER|g" "$folder/said")" = "sterna: $line" ] || fail "$*: $(cat "$folder/said")"
}

"$sterna" bert "$folder/m" --text "The <mask> flies." --text "The sea" --vectors "$folder/means.npy" --json >"$folder/lines"
"$sterna" bert "$folder/m" --text "The <mask> flies." --text "The sea" --vectors "$folder/tokens.npy" --per-token --threads 1 >"$folder/text"
grep -q '^  token 1:  .* %  .* %' "$folder/text" || fail "$(cat "$folder/text")"
"$python" -B - "$folder" <<'END'
import json, sys
import numpy as np
folder = sys.argv[1]
first, second = (json.loads(line) for line in open(folder + "/lines"))
assert first["pieces"][1] == "<mask>" and first["pieces"][-1] == "<sep>" and second["masked"] == [], first
best = first["masked"][0]["best"]
assert first["masked"][0]["place"] == 1 and len(best) == 5, best
assert all(a["probability"] >= b["probability"] > 0 for a, b in zip(best, best[1:])) and sum(b["probability"] for b in best) <= 1.0001, best
means, tokens = np.load(folder + "/means.npy"), np.load(folder + "/tokens.npy")
n = len(first["tokens"])
assert means.shape == (2, 96) and tokens.shape == (n + len(second["tokens"]), 96), (means.shape, tokens.shape)
assert np.allclose(means[0], tokens[:n].mean(0), atol=1e-5) and np.allclose(means[1], tokens[n:].mean(0), atol=1e-5)
assert abs(means).max() > 0.1
END

"$sterna" bert "$folder/m" --text $'Grüße,\n<mask>' >"$folder/text"
[ "$(head -1 "$folder/text")" = "Grüße, <mask>" ] || fail "$(cat "$folder/text")"
"$sterna" bert --text "[<mask>, the sea]" "$folder/m" >"$folder/text"
[ "$(head -1 "$folder/text")" = "[<mask>, the sea]" ] || fail "$(cat "$folder/text")"

refused "--text The sea: no <mask> in it to fill in, and no --vectors to write" "$folder/m" --text "The sea"
long=$(printf 'sea %.0s' {1..20})
refused "--text $(printf '%.40s' "$long")...: 21 tokens, and the model takes 20" "$folder/m" --text "$long" --vectors "$folder/v.npy"
[ ! -e "$folder/v.npy" ] || fail "wrote vectors of nothing"
refused "FOLDER/m/model.safetensors: input and output are the same file" "$folder/m" --text "<mask>" --vectors "$folder/m/model.safetensors"
refused "FOLDER/none: not a folder" "$folder/none" --text "<mask>"
head -c 1000 "$folder/m/tokenizer.json" >"$folder/cut" && cp -r "$folder/m" "$folder/broken" && mv "$folder/cut" "$folder/broken/tokenizer.json"
! "$sterna" bert "$folder/broken" --text "<mask>" 2>"$folder/said" || fail "took a damaged tokenizer"
grep -q "^sterna: $folder/broken/tokenizer.json: " "$folder/said" && [ "$(wc -l <"$folder/said")" = 1 ] || fail "$(cat "$folder/said")"
cp "$folder/m/tokenizer.json" "$folder/broken" && truncate -s -4 "$folder/broken/model.safetensors"
! "$sterna" bert "$folder/broken" --text "<mask>" 2>"$folder/said" || fail "took damaged weights"
grep -q "^sterna: $folder/broken/model.safetensors: " "$folder/said" && [ "$(wc -l <"$folder/said")" = 1 ] || fail "$(cat "$folder/said")"
cp "$folder/m/model.safetensors" "$folder/broken"
"$python" -B - "$folder/broken/model.safetensors" <<'END'
import json, struct, sys
with open(sys.argv[1], "r+b") as file:
    header = struct.unpack("<Q", file.read(8))[0]
    file.seek(8 + header + json.loads(file.read(header))["encoder.final_norm.weight"]["data_offsets"][0])
    file.write(struct.pack("<f", 3e38))
END
refused "FOLDER/broken: --text The <mask>: token 1: the model's values leave single precision" "$folder/broken" --text "The <mask>"
