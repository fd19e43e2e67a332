#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: lint.sh format|spdx|tidy [BUILD]      one of the checks of the test label `lint`, over all files of ours. BUILD need only
# be configured.
set -euo pipefail
cd "$(dirname "$0")/.."
case $1 in
  format)
    git ls-files '*.cpp' '*.cu' '*.h' | grep -v generated/ | xargs clang-format --dry-run -Werror ;;
  spdx)
    missing=$(scripts/spdx.sh)
    [ -z "$missing" ] || { echo "no SPDX line (scripts/spdx.sh --add): $missing" >&2; exit 1; } ;;
  tidy)
    scripts/tidy.py "$2" ;;
esac
