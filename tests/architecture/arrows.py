#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: arrows.py ROOT

Holds every include, and every instance and package of the RTL, to the order of docs/architecture.md ("Who depends on whom"): each
folder uses only those that stand above it and behind it in brackets. A folder that the list leaves out, a dependency that nothing
uses any more, and an arrow upwards each fail with a line. So does a file of C++ that opens another namespace than its folder's."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
faults = []


def read_order():
    """{folder: set of what it may use, or None for everything}, from the ground up."""
    text = (root / "docs/architecture.md").read_text()
    order = {}
    for folder, uses in re.findall(r"^(\w[\w/]*) +\S.*? \(([^()]*)\)$", text, re.M):
        uses = uses.split()
        for use in uses:
            if use != "*" and use not in order:
                faults.append(f"docs/architecture.md: {folder} may use {use}, which does not stand above it")
        order[folder] = None if uses == ["*"] else set(uses)
    return order


def folder_of(path, order):
    """The longest folder of the list that `path` lies in."""
    for parent in pathlib.PurePosixPath(path).parents:
        if str(parent) in order:
            return str(parent)
    return None


def arrows_of_cpp(files):
    for path in files:
        for number, line in enumerate((root / path).read_text().splitlines(), 1):
            if match := re.match(r'\s*#\s*include "(\w+/[^"]+)"', line):
                yield path, number, match[1]


def arrows_of_rtl(files):
    defined = {}
    texts = {path: re.sub(r"//[^\n]*", "", (root / path).read_text()) for path in files}
    for path, text in texts.items():
        for name in re.findall(r"^\s*(?:module|package)\s+(\w+)", text, re.M):
            defined[name] = path
    for path, text in texts.items():
        for match in re.finditer(r"^\s*(?:bind\s+(\w+)\s+)?(\w+)\s*(?:#\s*\(|u_\w+\s*\()|\b(\w+)::", text, re.M):
            for name in filter(None, match.groups()):
                if defined.get(name, path) != path:
                    yield path, text.count("\n", 0, match.start(match.lastindex)) + 1, defined[name]


# Where the namespace is not the folder's last name.
NAMESPACES = {"isa": "sterna", "support": "sterna", "device": "sterna", "asm": "sterna::assembly", "host/xrt": "sterna::card",
              "sim/xrt": "sterna::hw_emu", "isa/generator": "sterna::isagen"}


def namespaces_of_cpp(files):
    for path in files:
        for number, line in enumerate((root / path).read_text().splitlines(), 1):
            if match := re.match(r"(?:inline )?namespace (sterna[\w:]*) \{", line):
                yield path, number, match[1]


order = read_order()
files = [str(path.relative_to(root)) for top in ("isa", "support", "device", "asm", "sim", "host", "rtl")
         for path in sorted((root / top).rglob("*"))]
cpp = [path for path in files if path.endswith((".h", ".cpp", ".cu", ".in"))]
rtl = [path for path in files if path.endswith((".sv", ".v"))]
place = {folder: i for i, folder in enumerate(order)}
used = {folder: set() for folder in order}
for path in cpp + rtl:
    if folder_of(path, order) is None:
        faults.append(f"{path}: its folder is not in docs/architecture.md")
for path, number, target in [*arrows_of_cpp(cpp), *arrows_of_rtl(rtl)]:
    source, use = folder_of(path, order), folder_of(target, order)
    if source is None or source == use:
        continue
    used[source].add(use)
    if use is None or place[use] > place[source]:
        faults.append(f"{path}:{number}: {source} uses {target}, which does not stand above it")
    elif order[source] is not None and use not in order[source]:
        faults.append(f"{path}:{number}: {source} uses {target}; docs/architecture.md does not say so")
for path, number, name in namespaces_of_cpp(cpp):
    folder = folder_of(path, order)
    expected = NAMESPACES.get(folder, f"sterna::{pathlib.PurePosixPath(folder or '').name}")
    if folder and name != expected and not name.startswith(expected + "::"):
        faults.append(f"{path}:{number}: {folder} is {expected}, not {name}")
for folder, allowed in order.items():
    for use in sorted((allowed or set()) - used[folder]):
        faults.append(f"docs/architecture.md: {folder} may use {use} and does not")
print("\n".join(faults))
if faults or not used.get("host/cli") or not used.get("rtl/core"):
    sys.exit(1)
