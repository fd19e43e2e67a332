#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: python.sh ARGUMENT...
# Debian's Python with the packages of requirements.txt, or of the file that REQUIREMENTS names. They are installed first where they are missing, into a virtual
# environment in the user's cache, which all checkouts with the same requirements share.
set -euo pipefail
requirements=${REQUIREMENTS:-$(dirname "$0")/requirements.txt}
cache=${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}
venv=$cache/sterna-python-$({ cat "$requirements"; /usr/bin/python3 --version; } | sha256sum | cut -c 1-16)

# "complete" is made last, under a lock: who sees it finds everything in place.
install() {
  mkdir -p "$cache" || return
  exec 9>"$venv.lock"
  flock 9
  [ -e "$venv/complete" ] || {
    /usr/bin/python3 -m venv --clear "$venv" &&
      "$venv/bin/python" -m pip install --disable-pip-version-check --retries 2 --only-binary :all: -r "$requirements" &&
      touch "$venv/complete"
  } >"$venv.log" 2>&1
}

if [ ! -e "$venv/complete" ] && ! (install); then
  echo "python.sh: cannot install $requirements from PyPI: see $venv.log" >&2
  exit 1
fi
exec "$venv/bin/python" "$@"
