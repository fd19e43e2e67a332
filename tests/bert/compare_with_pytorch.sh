#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: compare_with_pytorch.sh PYTHON TRAIN_FOLDER ENCODER_CHECK [OPTION OF reference.py]...
set -euo pipefail
python=$1 train=$2 check=$3
shift 3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -B "$(dirname "$0")/reference.py" "$train" "$folder" "$@"
"$check" "$folder"
"$check" "$folder" 2
