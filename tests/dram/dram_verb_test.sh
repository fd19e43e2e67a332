#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The dram command from outside: usage: dram_verb_test.sh STERNA
set -euo pipefail
sterna=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }

awk 'BEGIN { for (i = 0; i < 40000; ++i) printf "0x%x READ %d\n", 64 * i, i }' >sequential.trace
"$sterna" dram --trace sequential.trace >text
grep -Eq '^bandwidth +18\.[0-9]+ GB/s, 9[45]\.[0-9] %' text || fail "$(cat text)"
"$sterna" dram --trace sequential.trace --json >json
python3 - <<'END'
import json
report = json.load(open("json"))
assert report["reads"] == 40000 and report["row_hits"] > 39000, report
assert abs(report["bytes_per_second"] - 40000 * 64 * 1.2e9 / report["cycles"]) < 1, report
END
echo '0x40 FETCH 3' >bad.trace
for arguments in '--trace bad.trace|bad.trace:1: .FETCH. is neither' '--trace none|none: cannot open' '|--trace is required'; do
  code=0
  "$sterna" dram ${arguments%%|*} >out 2>err || code=$?
  [ "$code" -eq 1 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] || fail "$arguments: $code $(cat err)"
  grep -q -- "${arguments#*|}" err || fail "$(cat err)"
done
echo ok
