#!/usr/bin/env bash
# Installs the Debian packages that the build and the tests need, and only those that are missing.
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache make
  verilator yosys
  libfmt-dev libcli11-dev nlohmann-json3-dev libtoml11-dev libsentencepiece-dev zlib1g-dev
  libgtest-dev
)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "sterna: missing packages; run as root: apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "sterna: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
