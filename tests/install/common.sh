# SPDX-License-Identifier: Apache-2.0
# For the tests of this folder: usage: NAME_test.sh BUILD SOURCE. Installs what is built into folders of the test's own.
set -euo pipefail
build=$(realpath "$1")
source=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "FAILED in line $LINENO" >&2' ERR
cd "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }
# install_to FOLDER [DESTDIR]
install_to() { DESTDIR=${2:-} cmake --install "$build" --prefix "$1" >install.log || fail "$(tail -n 5 install.log)"; }
# speaks SHARE COMMAND...: the installed model with that command says what it says in the build folder.
"$build/sterna" run "$source/models/shakespeare.sterna" -p ROMEO: -n 8 | head -n -1 >wanted
speaks() {
  local model=$1/sterna/models/shakespeare.sterna
  shift
  "$@" run "$model" -p ROMEO: -n 8 | head -n -1 >said
  cmp said wanted || fail "$*: $(cat said)"
}
