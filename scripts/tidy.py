#!/usr/bin/env python3
"""usage: tidy.py BUILD FILE...

clang-tidy over FILEs, as BUILD/compile_commands.json compiles them. A file that was found clean is not read again until it, a
header of ours that it includes, its flags, the checks or clang-tidy change: the user's cache keeps a mark for each such state.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sterna-tidy"
TIDY = ["clang-tidy", "--quiet", "--use-color=0"]


def state(command, build):
    """What the outcome depends on, the same in every clone: a hash."""
    arguments = shlex.split(command["command"])
    del arguments[(out := arguments.index("-o")):out + 2]
    rule = subprocess.run([*arguments, "-MM"], cwd=command["directory"], check=True, text=True, capture_output=True).stdout
    headers = sorted(shlex.split(rule.replace("\\\n", " "))[1:])
    digest = hashlib.sha256()
    for text in arguments + headers:
        digest.update(text.replace(str(build), "BUILD").replace(str(ROOT), "ROOT").encode() + b"\0")
    for path in [*headers, ROOT / ".clang-tidy"]:
        digest.update(hashlib.sha256((pathlib.Path(command["directory"]) / path).read_bytes()).digest())
    digest.update(subprocess.run([*TIDY, "--version"], check=True, capture_output=True).stdout)
    return digest.hexdigest()


def complaints(command, build):
    """What clang-tidy says of a file; empty when it is clean."""
    try:
        mark = CACHE / state(command, build)
    except subprocess.CalledProcessError as error:
        return error.stderr
    if mark.exists():
        return ""
    run = subprocess.run([*TIDY, "-p", build, command["file"]], text=True, capture_output=True)
    if run.returncode != 0:
        return run.stdout + run.stderr
    mark.touch()
    return ""


def main(build, *files):
    os.nice(10)
    CACHE.mkdir(parents=True, exist_ok=True)
    build = pathlib.Path(build).resolve()
    commands = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
    missing = [file for file in files if str(ROOT / file) not in commands]
    if missing:
        sys.exit(f"tidy.py: {build} does not compile {', '.join(missing)}")
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for said in pool.map(lambda file: complaints(commands[str(ROOT / file)], build), files):
            bad += said != ""
            print(said, end="", flush=True)
    if bad:
        sys.exit(f"tidy.py: complaints about {bad} of {len(files)} files")


main(*sys.argv[1:])
