#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: cuda_compiler.sh      prints an nvcc: that of the path, if it is recent enough (cmake/cuda.cmake), else one from PyPI, which
# is installed first where it is missing (python.sh).
set -euo pipefail
scripts=$(cd "$(dirname "$0")" && pwd)
if nvcc=$(command -v nvcc); then
  version=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
  if printf '12.8\n%s\n' "$version" | sort -CV; then
    echo "$nvcc"
    exit
  fi
fi
REQUIREMENTS=$scripts/cuda_requirements.txt "$scripts/python.sh" - <<'PYTHON'
import glob, sys
print(*glob.glob(f"{sys.prefix}/lib/python3*/site-packages/nvidia/cu*/bin/nvcc"))
PYTHON
