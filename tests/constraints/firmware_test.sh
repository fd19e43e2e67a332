#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: firmware_test.sh ROOT
# What scripts/xclbin.sh leaves for xmutil of a Kria, with stand-ins for AMD's tools that do with files what those do: the bitstream comes out of
# the xclbin, loses its header, and the overlay names it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
fail() { echo "firmware_test: $*" >&2; exit 1; }
mkdir -p "$folder/bin" "$folder/tree/scripts"
ln -s "$1/constraints" "$folder/tree/constraints"
cp "$1/scripts/xclbin.sh" "$folder/tree/scripts/"

stand_in() {
  { echo '#!/usr/bin/env bash'; echo 'set -euo pipefail'; cat; } >"$folder/bin/$1"
  chmod +x "$folder/bin/$1"
}
stand_in vivado <<'END'
[[ $* == *" -source constraints/package_kernel.tcl -tclargs kv260 kv260 build/xclbin/kv260-kv260" ]]
touch build/xclbin/kv260-kv260/link.cfg build/xclbin/kv260-kv260/sterna.xo
END
stand_in v++ <<'END'
[[ $* == "-l -t hw --platform kv260_custom --config build/xclbin/kv260-kv260/link.cfg "* ]]
while [ $# -gt 0 ]; do if [ "$1" = -o ]; then echo "xclbin of $3" >"$2"; fi; shift; done
END
stand_in xclbinutil <<'END'
[ "$1 $2 $4" = "--force --input --dump-section" ]
file=${5#BITSTREAM:RAW:}
[ "$file" != "$5" ]
{ echo header; cat "$3"; } >"$file"
END
stand_in bootgen <<'END'
[ "$*" = "-w -arch zynqmp -process_bitstream bin -image build/xclbin/kv260-kv260/bootgen.bif" ]
bit=$(sed -nE 's/^all: \{ (.*) \}$/\1/p' "${@: -1}")
tail -n +2 "$bit" >"$bit.bin"
END
stand_in dtc <<'END'
[ "$1 $2 $3 $4 $5 $6 $7" = "-@ -q -I dts -O dtb -o" ]
{ echo compiled; cat "$9"; } >"$8"
END

run() { PATH="$folder/bin:/usr/bin:/bin" DEVICE_TREE=$1 "$folder/tree/scripts/xclbin.sh" kv260 kv260 >"$folder/out" 2>&1; }
refused() {
  ! run "$1" || fail "succeeds with DEVICE_TREE=$1"
  grep -qF "$2" "$folder/out" || fail "DEVICE_TREE=$1 says $(cat "$folder/out")"
}
printf '/ {\n  fragment@0 {\n    firmware-name = "system.bit.bin";\n  };\n};\n' >"$folder/pl.dtsi"
refused "$folder/none.dtsi" "xclbin: DEVICE_TREE must name the pl.dtsi of the platform of kv260"
echo "/ { };" >"$folder/other.dtsi"
refused "$folder/other.dtsi" "no firmware-name in it"
run "$folder/pl.dtsi" || fail "$(cat "$folder/out")"
grep -q "xmutil loadapp sterna$" "$folder/out" || fail "says $(cat "$folder/out")"

cd "$folder/tree/build/xclbin/kv260-kv260/firmware/sterna"
[ "$(ls | xargs)" = "shell.json sterna.bit.bin sterna.dtbo sterna.xclbin" ] || fail "has $(ls | xargs)"
cmp -s sterna.bit.bin sterna.xclbin || fail "the bitstream is not the xclbin's, without its header"
grep -q '^    firmware-name = "sterna.bit.bin";$' sterna.dtbo || fail "the overlay has $(grep firmware sterna.dtbo)"
python3 -c 'import json; assert json.load(open("shell.json"))["shell_type"] == "XRT_FLAT"' || fail "shell.json"
echo "four files for xmutil"
