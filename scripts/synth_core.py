#!/usr/bin/env python3
"""usage: synth_core.py [CONFIG]      (a file of rtl/config; demo)

Synthesises the design with Yosys for UltraScale+, each module once, and prints what every module and the whole takes of an
XCU250. Modules are not optimised across their borders, as Vivado would: an estimate, and it says nothing about timing.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# The whole card; the shell that the platform keeps for itself is not taken off.
XCU250 = {"LUT": 1728000, "FF": 3456000, "DSP": 12288, "BRAM36": 2688, "URAM": 1280}
# Look-up tables that a cell takes; distributed memory and shift registers sit in them, too.
LUTS = {"SRL16E": 1, "SRLC32E": 1, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8,
        "RAM64M8": 8, "RAM32X16DR8": 8, "RAM64X8SW": 8, "LUT6_2": 1, "INV": 0}
BLOCKS = {"RAMB18E2": 0.5, "RAMB36E2": 1}


def synthesise(config, folder):
    sources = re.findall(r"^rtl/.*\.sv$", (ROOT / "rtl/files.f").read_text(), re.M)
    lines = (ROOT / f"rtl/config/{config}.f").read_text()
    parameters = " ".join(f"-chparam {k} {v}" for k, v in re.findall(r"^-G(\w+)=(\d+)", lines, re.M))
    folder.mkdir(parents=True, exist_ok=True)
    # noiopad: the pins go to the shell, not to pads.
    script = (f"read_verilog -sv -I. {' '.join(sources)}; hierarchy -check -top sterna_top {parameters}; "
              f"synth_xilinx -family xcup -noiopad -noclkbuf -top sterna_top; tee -q -o {folder}/stat.json stat -json")
    subprocess.run(["yosys", "-q", "-l", folder / "yosys.log", "-p", script], cwd=ROOT, check=True)
    return read_statistics((folder / "stat.json").read_text())


def read_statistics(text):
    """Of each module. Yosys 0.23 prints its tree of instances into the JSON behind them: no more than they are taken."""
    return json.loads(text[text.index("{"):text.index("\n   },\n")] + "}}")["modules"]


def own(cells):
    """What the cells of a module itself take."""
    use = collections.Counter()
    for cell, count in cells.items():
        if re.fullmatch(r"LUT[1-6]", cell):
            use["LUT"] += count
        elif cell in LUTS:
            use["LUT"] += LUTS[cell] * count
        elif re.fullmatch(r"FD[RSCP]E(_1)?", cell):
            use["FF"] += count
        elif cell.startswith("DSP48"):
            use["DSP"] += count
        elif cell in BLOCKS:
            use["BRAM36"] += BLOCKS[cell] * count
        elif cell == "URAM288":
            use["URAM"] += count
    return use


def main():
    config = sys.argv[1] if len(sys.argv) > 1 else "demo"
    if not (ROOT / f"rtl/config/{config}.f").is_file():
        sys.exit(f"synth-core: there is no configuration '{config}' in rtl/config")
    print_table(config, synthesise(config, ROOT / f"build/synth/{config}"))


def print_table(config, modules):
    cells = {name: m["num_cells_by_type"] for name, m in modules.items()}

    def children(name):
        """Modules inside, with their numbers."""
        for cell, count in cells[name].items():
            for child in (cell, "\\" + cell):
                if child in cells:
                    yield child, count

    totals = {}

    def total(name):  # with all that is below
        if name not in totals:
            use = own(cells[name])
            for child, count in children(name):
                for kind, n in total(child).items():
                    use[kind] += n * count
            totals[name] = use
        return totals[name]

    instances = collections.Counter()  # in the order in which they are met

    def visit(name, count):
        instances[name] += count
        for child, times in children(name):
            visit(child, count * times)

    top = next(name for name in cells if "sterna_top" in name)
    visit(top, 1)
    kinds = list(XCU250)
    print(f"{'module (one instance, with all below it)':<46}{'instances':>9}" + "".join(f"{k:>9}" for k in kinds))
    for name, count in instances.items():
        label = re.sub(r"^\\?(\$paramod(\$[0-9a-f]+)?)?\\?", "", name).split("\\")[0]
        print(f"{label[:45]:<46}{count:>9}" + "".join(f"{total(name)[k]:>9g}" for k in kinds))
    print(f"\n{config}: share of an XCU250: " +
          ", ".join(f"{k} {total(top)[k]:g} of {n} ({100 * total(top)[k] / n:.1f} %)" for k, n in XCU250.items()))


main()
