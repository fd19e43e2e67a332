#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: synth_core.py [CONFIG]      (a file of rtl/config; demo)

Synthesises the design with Yosys for UltraScale+, each module once, and prints what every module and the whole takes of an
XCU250, or of the FPGA that the configuration is for. Modules are not optimised across their borders, as Vivado would: an estimate, and it says nothing about timing.
Ends with an error where the design takes more of something than an FPGA can well be filled with.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Whole FPGAs; what a platform keeps for itself is not taken off.
FPGAS = {"XCU250": {"LUT": 1728000, "FF": 3456000, "DSP": 12288, "BRAM36": 2688, "URAM": 1280},
         "XCK26": {"LUT": 117120, "FF": 234240, "DSP": 1248, "BRAM36": 144, "URAM": 64}}
FPGA_OF = collections.defaultdict(lambda: "XCU250", kv260="XCK26")  # of each configuration
MAX_SHARE = 0.75
# Look-up tables that a cell takes; distributed memory and shift registers sit in them, too.
LUTS = {"SRL16E": 1, "SRLC32E": 1, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8,
        "RAM64M8": 8, "RAM32X16DR8": 8, "RAM64X8SW": 8, "LUT6_2": 1, "INV": 0}
BLOCKS = {"RAMB18E2": 0.5, "RAMB36E2": 1}

# The labels of synth_xilinx, and what Yosys does from each to the next.
STAGES = {"begin": "read the cells", "prepare": "processes to netlists", "map_dsp": "multipliers", "coarse": "arithmetic",
          "map_memory": "memories", "map_ffram": "optimise", "fine": "gates", "map_cells": "cells", "map_ffs": "flip-flops",
          "map_luts": "look-up tables", "finalize": "clean", "check": None}
# noiopad: the pins go to the shell, not to pads. nowidelut: to ABC a table of seven to nine inputs is as fast as one of six,
# so it makes far too many of them, and each takes two to eight tables; muxes are the worst.
OPTIONS = "-family xcup -uram -noiopad -noclkbuf -nowidelut -top sterna_top"

# Additions whose first operand comes out of logic, and the second does not.
CHANGE_OVER = [r"select -set logic t:$xor t:$mux t:$and t:$or t:$not %u %u %u %u",
               "select -set results @logic %co1:+[Y] w:* %i",
               "select -set first @results %co1:+[A] t:$alu %i",
               "select -set second @results %co1:+[B] t:$alu %i",
               f"techmap -max_iter 1 -map {ROOT}/scripts/synth_swap.v @first @second %d"]


def elaborate(config, lanes=None):
    """Yosys commands that read the design with the parameters of a configuration, or with another number of lanes."""
    sources = re.findall(r"^rtl/.*\.sv$", (ROOT / "rtl/files.f").read_text(), re.M)
    text = (ROOT / f"rtl/config/{config}.f").read_text()
    parameters = dict(re.findall(r"^-G(\w+)=(\d+)", text, re.M))
    if lanes:
        parameters["Lanes"] = lanes
    # Tables of opcodes become gates at once, or they would take the register in front of them, and the multiplexer by which it stalls.
    return ["read_verilog -lib +/xilinx/cells_xtra.v", f"read_verilog -sv -defer -DSTERNA_DSP48E2 -I. {' '.join(sources)}", f"chparam {' '.join(f'-set {k} {v}' for k, v in parameters.items())} sterna_top",
            "hierarchy -check -top sterna_top", "proc", "memory_map -rom-only */$auto$proc_rom*"]


def map_to_cells():
    """Yosys commands that make cells of an UltraScale+ of what elaborate() has read."""
    script = []
    labels = list(STAGES)
    for label, following in zip(labels, labels[1:]):
        if label == "map_dsp":
            script += ["techmap -map scripts/synth_map.v"]
        if label == "map_memory":
            script += CHANGE_OVER
        if label == "map_luts":
            script += ["opt_merge"]  # what each bit of a register was given alike, such as its reset
        script += [f"log -stderr {STAGES[label]}", f"synth_xilinx {OPTIONS} -run {label}:{following}"]
    return script


def run_yosys(script, folder):
    """Runs Yosys on the commands and shows the stages as they begin; ends the program where Yosys fails."""
    folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with subprocess.Popen(["yosys", "-q", "-w", "Replacing memory|Resizing cell port", "-l", folder / "yosys.log", "-p",
                           "; ".join(script)], cwd=ROOT, text=True, stderr=subprocess.PIPE) as yosys:
        for line in yosys.stderr:
            print(f"{time.monotonic() - start:6.0f} s  {line}", end="", flush=True)
    if yosys.returncode != 0:
        sys.exit(f"{pathlib.Path(sys.argv[0]).stem}: Yosys ended with status {yosys.returncode}: {folder}/yosys.log")


def synthesise(config, folder):
    run_yosys([*elaborate(config), *map_to_cells(), f"tee -q -o {folder}/stat.json stat -json"], folder)
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


def base_name(name):
    """Of a module with parameters, without them."""
    return re.sub(r"^\\?(\$paramod(\$[0-9a-f]+)?)?\\?", "", name).split("\\")[0]


def totals_and_instances(modules):
    """Of each module below sterna_top, in the order in which they are met: what one takes with all below it, and how many."""
    cells = {name: m["num_cells_by_type"] for name, m in modules.items()}

    def children(name):
        for cell, count in cells[name].items():
            for child in (cell, "\\" + cell):
                if child in cells:
                    yield child, count

    totals, instances = {}, collections.Counter()

    def visit(name, count):
        instances[name] += count
        for child, times in children(name):
            visit(child, count * times)
        if name not in totals:
            totals[name] = own(cells[name])
            for child, times in children(name):
                for kind, n in totals[child].items():
                    totals[name][kind] += n * times

    visit(next(name for name in cells if base_name(name) == "sterna_top"), 1)
    return totals, instances


def print_table(config, modules):
    """Prints it; whether the design takes no more than MAX_SHARE of everything."""
    name, there = FPGA_OF[config], FPGAS[FPGA_OF[config]]
    totals, instances = totals_and_instances(modules)
    print(f"{'module (one instance, with all below it)':<46}{'instances':>9}" + "".join(f"{k:>9}" for k in there))
    for module, count in instances.items():
        print(f"{base_name(module)[:45]:<46}{count:>9}" + "".join(f"{totals[module][k]:>9.10g}" for k in there))

    luts = {base_name(module): use["LUT"] for module, use in totals.items()}
    decoder = luts["sterna_trit_decode"]
    if "sterna_ternary_dot" in luts:
        dot = luts["sterna_ternary_dot"]
        print(f"\nfive rows of a beat: {dot + decoder} LUTs with the decoder, {dot} in every further lane")
    else:
        print(f"\nfive rows of a beat: {luts['sterna_quad_dot'] + decoder} LUTs with the decoder in four lanes, {luts['sterna_quad_dot']} in every further four")
    top = totals[next(iter(instances))]
    print(f"{config}: share of an {name}: " +
          ", ".join(f"{k} {top[k]:.10g} of {n} ({100 * top[k] / n:.1f} %)" for k, n in there.items()))
    return all(top[k] <= MAX_SHARE * n for k, n in there.items())


def main():
    config = sys.argv[1] if len(sys.argv) > 1 else "demo"
    if not (ROOT / f"rtl/config/{config}.f").is_file():
        sys.exit(f"synth-core: there is no configuration '{config}' in rtl/config")
    if not print_table(config, synthesise(config, ROOT / f"build/synth/{config}")):
        sys.exit(f"synth-core: {config} takes more than {100 * MAX_SHARE:g} % of something")


if __name__ == "__main__":
    main()
