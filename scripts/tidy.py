#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tidy.py BUILD [FILE...]

clang-tidy over FILEs, or over all C++ of ours, as BUILD/compile_commands.json compiles it: files that are compiled as one are read
as one, which takes a quarter of the time. What was found clean is not read again until it, a header of ours that it includes, its
flags, the checks or clang-tidy change: the user's cache keeps a mark for each such state.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sterna-tidy"
FOLDERS = sorted({line.split("/")[0] for line in subprocess.run(
    ["git", "ls-files", "*/*.cpp"], cwd=ROOT, check=True, text=True, capture_output=True).stdout.splitlines()})
TIDY = ["clang-tidy", "--quiet", "--use-color=0", f"--header-filter=^{re.escape(str(ROOT))}/({'|'.join(FOLDERS)})/"]
# Tests need not be fast, and their numbers are small.
OF_TESTS = "--checks=-performance-*,-bugprone-implicit-widening-of-multiplication-result"
INCLUDED = re.compile(r'^#include "(.*\.cpp)"$', re.MULTILINE)


class Unit:
    """What the compiler reads at once: a file of ours, or one of the build's that includes several."""

    def __init__(self, entry):
        self.file, self.directory = entry["file"], entry["directory"]
        self.arguments = shlex.split(entry["command"])
        if pathlib.Path(self.arguments[0]).name == "ccache":
            del self.arguments[0]
        del self.arguments[(out := self.arguments.index("-o")):out + 2]
        unity = "/Unity/unity_" in self.file
        files = INCLUDED.findall(pathlib.Path(self.file).read_text()) if unity else [self.file]
        self.sources = {str(path.relative_to(ROOT)) for file in files if (path := pathlib.Path(file)).is_relative_to(ROOT)}
        self.tidy = [*TIDY, *([OF_TESTS] if all(source.startswith("tests/") for source in self.sources) else [])]

    def state(self, build):
        """What the outcome depends on, the same in every clone: a hash."""
        rule = subprocess.run([*self.arguments, "-MM"], cwd=self.directory, check=True, text=True, capture_output=True).stdout
        headers = sorted(shlex.split(rule.replace("\\\n", " "))[1:])
        digest = hashlib.sha256()
        for text in self.arguments + headers + self.tidy:
            digest.update(text.replace(str(build), "BUILD").replace(str(ROOT), "ROOT").encode() + b"\0")
        for path in headers:
            text = (pathlib.Path(self.directory) / path).read_bytes()
            digest.update(hashlib.sha256(text.replace(str(build).encode(), b"BUILD").replace(str(ROOT).encode(), b"ROOT")).digest())
        digest.update((ROOT / ".clang-tidy").read_bytes())
        digest.update(subprocess.run([*TIDY, "--version"], check=True, capture_output=True).stdout)
        return digest.hexdigest()

    def complaints(self, build):
        """What clang-tidy says of it; empty when it is clean."""
        try:
            mark = CACHE / self.state(build)
        except subprocess.CalledProcessError as error:
            return error.stderr
        if mark.exists():
            return ""
        run = subprocess.run([*self.tidy, "-p", build, self.file], text=True, capture_output=True)
        if run.returncode != 0:
            return run.stdout + run.stderr
        mark.touch()
        return ""


def main(build, *files):
    os.nice(10)
    CACHE.mkdir(parents=True, exist_ok=True)
    build = pathlib.Path(build).resolve()
    ours = set(files or subprocess.run(["git", "ls-files", "*.cpp"], cwd=ROOT, check=True, text=True, capture_output=True).stdout.split())
    units, seen = [], set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if not pathlib.Path(entry["file"]).exists():
            continue  # made by the build, so not ours
        unit = Unit(entry)
        if fresh := unit.sources & ours - seen:
            units.append(unit)
            seen |= fresh
    if files and (missing := ours - seen):
        sys.exit(f"tidy.py: {build} does not compile {', '.join(sorted(missing))}")
    units.sort(key=lambda unit: -len(unit.sources))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda unit: unit.complaints(build), units):
            bad += said != ""
            print(said, end="", flush=True)
    if bad:
        sys.exit(f"tidy.py: complaints about {bad} of {len(units)} units")
    print(f"tidy.py: {len(seen)} files are clean; not compiled here: {', '.join(sorted(ours - seen)) or 'none'}")


main(*sys.argv[1:])
