# SPDX-License-Identifier: Apache-2.0
"""One design with many faults in it, of which the environment variable STERNA_FAULT switches one on: 0, or nothing, is none.

So a single build serves them all. An expression `a + b` becomes ((sterna_fault_pkg::selected == 32'd17) ? (a - b) : (a + b)).
"""
import itertools

# What faults make of widths and selects is no warning's business. On the first line, so that the lines keep their numbers.
LINT = "".join(f"/* verilator lint_off {name} */ " for name in
               ("WIDTH", "UNOPTFLAT", "CMPCONST", "UNSIGNED", "SELRANGE", "UNUSEDSIGNAL", "UNUSEDPARAM", "DECLFILENAME"))

# Stands in front of the first package of every build.
FIRST = "generated/sterna_isa_pkg.sv"
PACKAGE = """\
package sterna_fault_pkg;
  int unsigned selected = $c32("(std::getenv(\\"STERNA_FAULT\\") ? std::atoi(std::getenv(\\"STERNA_FAULT\\")) : 0)");
endpackage
"""


def _chosen(number):
    return f"sterna_fault_pkg::selected == 32'd{number}"


def planted(text, faults):
    """`text` with the faults of (number, fault) pairs in it."""
    by_place = {}
    for number, fault in faults:
        by_place.setdefault((fault.begin, fault.end), []).append((number, fault))
    places = sorted(by_place, key=lambda place: (place[0], -place[1]))

    def render(begin, end, inside):
        out, at = [], begin
        inside = list(inside)
        while inside:
            place = inside.pop(0)
            nested = list(itertools.takewhile(lambda p: p[1] <= place[1], inside))
            del inside[:len(nested)]
            out += [text[at:place[0]], wrap(place, render(*place, nested))]
            at = place[1]
        return "".join(out) + text[at:end]

    def wrap(place, original):
        group = by_place[place]
        if group[0][1].statement:
            return f"begin if (!({' || '.join(_chosen(n) for n, _ in group)})) {original} end"
        port = group[0][1].port
        if port:
            original = port
        for number, fault in group:
            original = f"(({_chosen(number)}) ? ({fault.instead}) : ({original}))"
        return f".{port}({original})" if port else original

    return render(0, len(text), places)


def alone(text, fault):
    """`text` with just this fault in it, as if it had been written so."""
    instead = fault.instead if fault.statement else f".{fault.port}({fault.instead})" if fault.port else f"({fault.instead})"
    return text[:fault.begin] + (instead or ";") + text[fault.end:]


def write_design(root, folder, faults):
    """A copy of root/rtl in `folder`, with the faults of (number, path below rtl, text, fault) in it. Files that stay the same are
    left alone, so that nothing is built anew for them."""
    by_file = {}
    for number, path, text, fault in faults:
        by_file.setdefault(path, (text, []))[1].append((number, fault))
    for source in (root / "rtl").rglob("*"):
        if not source.is_file():
            continue
        path = str(source.relative_to(root / "rtl"))
        text = LINT + planted(*by_file[path]) if path in by_file else source.read_text(encoding="utf-8")
        if path == FIRST:
            text = LINT + PACKAGE + text
        target = folder / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
