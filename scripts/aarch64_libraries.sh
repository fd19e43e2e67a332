#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: aarch64_libraries.sh
# Prints a folder of the user's cache with what a cross build of the host links: Debian's own packages for arm64, unpacked there
# if it is not there yet. The system's packages and its list of architectures stay as they are; needs no root.
set -euo pipefail
packages=(libfmt-dev libfmt9 zlib1g-dev zlib1g libgtest-dev libsentencepiece-dev libsentencepiece0 nlohmann-json3-dev libcli11-dev)
cache=${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}
folder=$cache/sterna-aarch64-$(sha256sum "$0" | cut -c 1-16)

fetch() {
  rm -rf "$folder"
  local apt=$folder/apt
  mkdir -p "$apt"/{lists/partial,cache/archives/partial}
  : > "$apt/status"
  local get=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root
    -o Acquire::Languages=none -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status"
    -o Dir::Cache="$apt/cache")
  "${get[@]}" update
  (cd "$apt" && "${get[@]}" download "${packages[@]}")
  for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$folder"; done
  # An absolute link, which would lead out of the folder.
  ln -sf ../../../lib/aarch64-linux-gnu/libz.so.1 "$folder/usr/lib/aarch64-linux-gnu/libz.so"
  rm -r "$apt"
  touch "$folder/complete"
}

# "complete" is made last, under a lock: who sees it finds everything in place.
if [ ! -e "$folder/complete" ]; then
  mkdir -p "$cache"
  exec 9>"$folder.lock"
  flock 9
  [ -e "$folder/complete" ] || fetch >&2
fi
echo "$folder"
