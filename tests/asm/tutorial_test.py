#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tutorial_test.py SOURCE_DIR STERNA

Runs every ```sh block of docs/tutorial.md, in order and in one folder. A ```text block shows what the block before it
prints: its lines have to come one behind the other, and a line of three dots stands for any lines."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def blocks(page):
    return [(m[1], m[2]) for m in re.finditer(r"^```(\w*)\n(.*?)^```$", page, re.M | re.S)]


def check(shown, printed, command):
    """Fails unless the lines that are shown are among those that were printed."""
    at = 0
    may_skip = True
    for line in shown.splitlines():
        if line.strip() == "...":
            may_skip = True
            continue
        found = next((i for i in range(at, len(printed)) if printed[i] == line.rstrip()), None)
        if found is None or (not may_skip and found != at):
            sys.exit(f"the tutorial shows\n{line}\nwhich is not what comes next of\n{command}\nwhich printed\n" + "\n".join(printed))
        at = found + 1
        may_skip = False


def main():
    source, sterna = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    found = blocks((source / "docs/tutorial.md").read_text())
    if not any(kind == "text" for kind, _ in found):
        sys.exit("the tutorial shows no output")
    environment = dict(os.environ, PATH=f"{sterna.parent}:{os.environ['PATH']}")
    with tempfile.TemporaryDirectory() as folder:
        for part in ("asm", "models"):
            os.symlink(source / part, f"{folder}/{part}")
        command, printed = "", []
        for kind, text in found:
            if kind == "sh":
                run = subprocess.run(["bash", "-eu", "-c", text], cwd=folder, env=environment, capture_output=True, text=True,
                                     stdin=subprocess.DEVNULL, check=False)
                if run.returncode != 0:
                    sys.exit(f"failed:\n{text}{run.stdout}{run.stderr}")
                command, printed = text, [line.rstrip() for line in (run.stdout + run.stderr).splitlines()]
            elif kind == "text":
                check(text, printed, command)


main()
