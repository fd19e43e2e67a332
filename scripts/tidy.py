#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tidy.py BUILD [FILE...]

clang-tidy over FILEs, or over all C++ of ours, as BUILD/compile_commands.json compiles it. Most of the time goes into the headers of
others, so files that are compiled as one are read as one, and so are those of one folder, wherever Clang can compile them together.
What was found clean is not read again until it, a header of ours that it includes, its flags, the checks or clang-tidy change: the
user's cache keeps a mark for each such state.
"""
import concurrent.futures
import copy
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sterna-tidy"
FOLDERS = sorted({line.split("/")[0] for line in subprocess.run(
    ["git", "ls-files", "*/*.cpp"], cwd=ROOT, check=True, text=True, capture_output=True).stdout.splitlines()})
TIDY = ["clang-tidy", "--quiet", "--use-color=0", f"--config-file={ROOT}/.clang-tidy",
        f"--header-filter=^{re.escape(str(ROOT))}/({'|'.join(FOLDERS)})/"]
# Tests need not be fast, and their numbers are small.
OF_TESTS = "--checks=-performance-*,-bugprone-implicit-widening-of-multiplication-result"
INCLUDED = re.compile(r'^#include "(.*\.cpp)"$', re.MULTILINE)


class Unit:
    """What clang-tidy reads at once: a file of ours, one of the build's that includes several, or several of these."""

    def __init__(self, entry):
        self.files, self.directory = [entry["file"]], entry["directory"]
        self.arguments = shlex.split(entry["command"].replace("-isystem ", "-isystem"))
        if pathlib.Path(self.arguments[0]).name == "ccache":
            del self.arguments[0]
        for gone in ("-o", "-c"):  # each with the name behind it
            del self.arguments[(at := self.arguments.index(gone)):at + 2]
        text = pathlib.Path(entry["file"]).read_text()
        files = INCLUDED.findall(text) if "/Unity/unity_" in entry["file"] else self.files
        self.sources = {str(path.relative_to(ROOT)) for file in files if (path := pathlib.Path(file)).is_relative_to(ROOT)}

    def with_(self, other):
        """Both as one, with the flags of both; None where these contradict each other."""
        both = copy.copy(self)
        both.files = self.files + other.files
        both.sources = self.sources | other.sources
        both.arguments = self.arguments + [flag for flag in other.arguments if flag not in self.arguments]
        targets = [{flag for flag in unit.arguments if flag.startswith("-m")} for unit in (self, other)]
        names = [flag.split("=")[0] for flag in {*both.arguments} if flag.startswith("-D")]
        return both if targets[0] == targets[1] and len(names) == len(set(names)) else None

    def state(self, build, file, checks):
        """What the outcome of FILE, which includes all of it, depends on, the same in every clone: a hash."""
        digest = hashlib.sha256()

        def add(text):
            digest.update(text.replace(str(build), "BUILD").replace(str(ROOT), "ROOT").encode() + b"\0")
        rule = subprocess.run([*self.arguments, "-MM", file], cwd=self.directory, check=True, text=True, capture_output=True).stdout
        for path in sorted({*shlex.split(rule.replace("\\\n", " "))[1:]} - {file}):
            add(path)
            add((pathlib.Path(self.directory) / path).read_text())
        for text in self.arguments + checks:
            add(text)
        add((ROOT / ".clang-tidy").read_text())
        add(subprocess.run([*TIDY, "--version"], check=True, text=True, capture_output=True).stdout)
        return digest.hexdigest()

    def complaints(self, build):
        """What clang-tidy says of it; empty when it is clean."""
        checks = [OF_TESTS] if all(source.startswith("tests/") for source in self.sources) else []
        with self.as_one() as file:
            try:
                mark = CACHE / self.state(build, file.name, checks)
            except subprocess.CalledProcessError as error:
                return error.stderr
            if mark.exists():
                return ""
            run = subprocess.run([*TIDY, *checks, file.name, "--", *self.arguments[1:]], cwd=self.directory, text=True, capture_output=True)
        if run.returncode != 0:
            return run.stdout + run.stderr
        mark.touch()
        return ""

    def as_one(self):
        """A file, as long as it is open, that includes all."""
        one = tempfile.NamedTemporaryFile("w", suffix=".cpp")
        one.writelines(f'#include "{file}"\n' for file in self.files)
        one.flush()
        return one

    def compiles(self):
        with self.as_one() as file:
            return subprocess.run(["clang++", "-fsyntax-only", "-w", *self.arguments[1:], file.name], cwd=self.directory,
                                  capture_output=True).returncode == 0


def main(build, *files):
    os.nice(10)
    CACHE.mkdir(parents=True, exist_ok=True)
    build = pathlib.Path(build).resolve()
    ours = set(files or subprocess.run(["git", "ls-files", "*.cpp"], cwd=ROOT, check=True, text=True, capture_output=True).stdout.split())
    folders, seen = {}, set()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if not pathlib.Path(entry["file"]).exists():
            continue  # made by the build, so not ours
        unit = Unit(entry)
        if fresh := unit.sources & ours - seen:
            folders.setdefault(os.path.dirname(min(unit.sources)), []).append(unit)
            seen |= fresh
    if files and (missing := ours - seen):
        sys.exit(f"tidy.py: {build} does not compile {', '.join(sorted(missing))}")

    def read(units):
        """Complaints about the units of a folder, read as few at once as must be."""
        together, apart, all_of_it = [units[0]], [], units[0]
        for unit in units[1:]:
            if both := all_of_it.with_(unit):
                all_of_it = both
                together.append(unit)
            else:
                apart.append(unit)
        half = len(together) // 2
        if half and not all_of_it.compiles():  # a name without linkage, or main(), twice
            said = read(together[:half]) + read(together[half:])
        else:
            said = [all_of_it.complaints(build)]
        return said + (read(apart) if apart else [])

    bad = count = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(read, sorted(folders.values(), key=lambda units: -sum(len(unit.sources) for unit in units))):
            count += len(said)
            bad += sum(text != "" for text in said)
            print(end="".join(said), flush=True)
    if bad:
        sys.exit(f"tidy.py: complaints about {bad} of {count} units")
    print(f"tidy.py: {len(seen)} files are clean, read as {count}; not compiled here: {', '.join(sorted(ours - seen)) or 'none'}")


main(*sys.argv[1:])
