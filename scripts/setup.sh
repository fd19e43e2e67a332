#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: setup.sh GROUP...    groups: host cross build test lint package timing bitstream fff llama cuda
# Installs the Debian packages of the groups, and only those that are missing; for test and lint also what python.sh needs.
set -euo pipefail

host=(g++ cmake ninja-build libfmt-dev libcli11-dev nlohmann-json3-dev libsentencepiece-dev zlib1g-dev uuid-dev libcpp-httplib-dev pkg-config)
cross=(cmake ninja-build g++-aarch64-linux-gnu)
build=(g++ cmake ninja-build ccache verilator libfmt-dev libcli11-dev nlohmann-json3-dev libtoml11-dev libsentencepiece-dev zlib1g-dev libsystemc-dev libedit-dev libdnnl-dev libutf8proc-dev libcpp-httplib-dev pkg-config libopenmpi-dev)
test=(libgtest-dev libboost-context-dev yosys opensta z3 tcl python3 python3-venv python3-torch python3-numpy python3-sentencepiece libxrt-dev uuid-dev libprotobuf-dev protobuf-compiler unzip valgrind pkg-config groff-base dpkg-dev g++-11 g++-11-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user haproxy openmpi-bin)
package=(dpkg-dev)
timing=(yosys opensta python3 python3-venv)
bitstream=(yosys python3 python3-venv)
fff=(libopenblas-dev libdnnl-dev python3-pip)
llama=(python3 python3-venv)
cuda=(python3 python3-venv)
lint=(git clang clang-format clang-tidy verilator yosys python3-venv)

packages=()
for group in "$@"; do
  case $group in
    host) packages+=("${host[@]}") ;;
    cross) packages+=("${cross[@]}") ;;
    build) packages+=("${build[@]}") ;;
    test) packages+=("${test[@]}") ;;
    lint) packages+=("${lint[@]}") ;;
    package) packages+=("${package[@]}") ;;
    timing) packages+=("${timing[@]}") ;;
    bitstream) packages+=("${bitstream[@]}") ;;
    fff) packages+=("${fff[@]}") ;;
    llama) packages+=("${llama[@]}") ;;
    cuda) packages+=("${cuda[@]}") ;;
    *) echo "setup.sh: unknown group '$group' (host, cross, build, test, lint, package, timing, bitstream, fff, llama, cuda)" >&2; exit 1 ;;
  esac
done

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -ne 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "sterna: packages are missing; as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "sterna: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# Without a network the build goes on: python.sh has said what is missing, and the tests that need it will say so again.
case " $* " in
  *" test "* | *" lint "*) "$(dirname "$0")/python.sh" -c "" || true ;;
esac
case " $* " in
  *" test "*)
    REQUIREMENTS=$(dirname "$0")/../train/requirements-test.txt "$(dirname "$0")/python.sh" -c "" || true
    "$(dirname "$0")/aarch64_libraries.sh" >/dev/null || true
    "$(dirname "$0")/cuda_compiler.sh" >/dev/null || true
    ;;
esac
