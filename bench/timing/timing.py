#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: timing.py [CONFIG] [--module MODULE] [--paths N] [--update] [--netlist FILE]

Synthesises a configuration of rtl/config (demo) with Yosys as make synth-core does, and times the netlist with OpenSTA and the delays of
ultrascale_plus.toml: the worst paths, and slack by module at the configuration's clock. MODULE: one alone, with the configuration's
parameters. JSON goes to build/timing/CONFIG[-MODULE].json. Ends with 1 where a module is late, unless baseline.json has it
as late (--update writes that), or where there is a combinational loop. --netlist: what an earlier call synthesised.
docs/timing.md says what the figures mean.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "scripts"), str(HERE)]
import synth_core  # noqa: E402
from delays import DelayError, Delays  # noqa: E402
from netlist import convert  # noqa: E402

BASELINE = HERE / "baseline.json"
TOLERANCE = 0.15  # ns, of what is late in the baseline: another name of a signal is enough for Yosys to choose other gates
KEEP = 3  # late paths of an instance whose pins are listed


def fail(message):
    sys.exit(f"timing: {message}")


def clock_period(config):
    match = re.search(r"^-GClockKhz=(\d+)", (ROOT / f"rtl/config/{config}.f").read_text(), re.M)
    return 1e6 / int(match[1])


def synthesise(config, module, folder, lanes=None):
    """The netlist of the whole or, of a module, that of the first set of parameters with which the configuration has it."""
    folder.mkdir(parents=True, exist_ok=True)
    netlist = folder / "netlist.v"
    script = synth_core.elaborate(config, lanes)
    if module:
        names, whole = folder / "modules.txt", folder / "whole.il"
        synth_core.run_yosys([*script, f"tee -q -o {names} ls", f"write_ilang {whole}"], folder)
        found = [n for n in names.read_text().split() if synth_core.base_name(n) == module]
        if not found:
            fail(f"{config} has no module {module}")
        script = [f"read_ilang {whole}", f"hierarchy -top {found[0]}", f"rename -top {module}"]
    cells = [command.replace("-top sterna_top", f"-top {module or 'sterna_top'}") for command in synth_core.map_to_cells()]
    synth_core.run_yosys([*script, *cells, f"tee -q -o {folder}/stat.json stat -json", f"write_verilog -noattr {netlist}"], folder)
    return netlist


def run_sta(netlist, top, period, delays, folder):
    """Times a netlist. Gives its paths, the worst first, its modules, and the pins of combinational loops."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(netlist) as source, open(folder / "sta.v", "w") as target:
        modules = convert(source, target, delays)
    used = {delays.ports["driver"].split("/")[0]}.union(*(module.cells for module in modules.values()))
    (folder / "cells.lib").write_text(delays.liberty(used))
    if top not in modules:
        raise DelayError(f"{netlist} has no module {top}")
    if not shutil.which("sta"):
        fail("OpenSTA's sta is missing: scripts/setup.sh timing installs it")
    clock = "ap_clk" if top == "sterna_top" else "clk_i"
    values = {"library": folder / "cells.lib", "netlist": folder / "sta.v", "result": folder / "result.txt", "top": top, "clock": clock,
              "period": period, "uncertainty": delays.clock["uncertainty"], "driver": delays.ports["driver"].replace("/", " "),
              "input_delay": delays.ports["input"], "output_delay": delays.ports["output"], "keep": KEEP}
    script = "".join(f"set {name} {{{value}}}\n" for name, value in values.items()) + f"source {HERE}/report.tcl\nexit\n"
    (folder / "run.tcl").write_text(script)
    (folder / "result.txt").unlink(missing_ok=True)
    run = subprocess.run(["sta", "-no_splash", "-exit", folder / "run.tcl"], capture_output=True, text=True)
    (folder / "sta.log").write_text(run.stdout + run.stderr)
    said = [line for line in (run.stdout + run.stderr).splitlines() if line.startswith(("Error", "Warning"))]
    if run.returncode != 0 or said or not (folder / "result.txt").exists():
        fail(f"OpenSTA: {said[0] if said else f'ended with status {run.returncode}'}: {folder}/sta.log")
    paths, loops = read_result((folder / "result.txt").read_text())
    return paths, modules, loops


def read_result(text):
    """What report.tcl wrote."""
    paths, loops = [], []
    for line in text.splitlines():
        kind, *values = line.split("\t")
        if kind == "path":
            paths.append({"slack": round(float(values[0]), 4), "start": values[1], "end": values[2]})
        elif kind == "pin":
            pin, cell, arrival, fanout = values
            paths[-1].setdefault("pins", []).append(
                {"pin": pin, "cell": cell, "arrival": round(float(arrival), 4), "fanout": int(fanout) if fanout else None})
        elif "/" in values[0]:
            loops.append(values[0])
    return paths, loops


def module_of(pin, top, modules):
    """The module that has the cell of this pin (of a port: the top)."""
    module, at, parts = top, "", pin.split("/")[:-2] if "/" in pin else []
    for part in parts:
        at = f"{at}/{part}" if at else part
        if at in modules[module].instances:
            module, at = modules[module].instances[at], ""
    return synth_core.base_name(module)


def late_modules(paths, top, modules):
    """By the module in which a path ends: its ends, how many are late, its worst path. The worst first."""
    table = {}
    for path in paths:
        path["module"] = module_of(path["end"], top, modules)
        row = table.setdefault(path["module"], {"ends": 0, "late": 0, "slack": path["slack"], "start": path["start"], "end": path["end"]})
        row["ends"] += 1
        row["late"] += path["slack"] < 0
    return table


def unbit(name):
    """Without the numbers of bits and of the blocks of a memory."""
    return re.sub(r"\[\d+\]|(?<=\.)\d+", "*", name)


def distinct(paths):
    """Listed paths of which none has the modules' ends of an earlier one: the bits of a bus are one path."""
    seen = set()
    for path in paths:
        ends = (unbit(path["start"]), unbit(path["end"]))
        if "pins" in path and ends not in seen:
            seen.add(ends)
            yield path


def levels(path):
    """Cells between the first pin and the last; carry cells in a row are one."""
    cells = [p["cell"] for p in path["pins"] if p["fanout"] is not None][1:]
    return sum(1 for i, cell in enumerate(cells) if not (cell.startswith(("CARRY", "CCU2C")) and i and cells[i - 1] == cell))


def print_path(path, delays):
    print(f"\n{path['slack']:7.2f} ns  {path['start']} -> {path['end']}  ({levels(path)} levels)")
    previous = path["pins"][0]
    for pin in path["pins"]:
        if pin["fanout"] is not None:
            print(f"    {pin['arrival'] - previous['arrival']:6.2f} {pin['arrival']:6.2f}  {pin['cell']:<12} fan-out {pin['fanout']:<5} {pin['pin']}")
            previous = pin


def print_report(name, paths, table, period, delays, count):
    print(f"\n{'module in which the path ends':<34}{'ends':>8}{'late':>8}{'slack':>8}{'ns':>7}  from")
    for module, row in table.items():
        print(f"{module:<34}{row['ends']:>8}{row['late']:>8}{row['slack']:>8.2f}{period - row['slack']:>7.2f}  {row['start']}")
    for path in list(distinct(paths))[:count]:
        print_path(path, delays)
    worst = period - paths[0]["slack"]
    print(f"\n{name}: {delays.name}, {sum(r['late'] for r in table.values())} of {len(paths)} ends are late at {period:.2f} ns; "
          f"the worst takes {worst:.2f} ns: {1000 / worst:.0f} MHz")


def worse(table, baseline):
    """The modules that are late: all that the baseline does not have, and those that are later than it has them."""
    return [f"{module} {row['slack']:.2f} ns, {baseline.get(module, 0):.2f} in the baseline" for module, row in table.items()
            if row["slack"] < min(0, baseline.get(module, TOLERANCE) - TOLERANCE)]


def parse_arguments():
    parser = argparse.ArgumentParser(prog="timing", usage=__doc__.splitlines()[0][7:], description=__doc__.split("\n\n", 1)[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", default="demo")
    parser.add_argument("--module")
    parser.add_argument("--paths", type=int, default=10)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--netlist", type=pathlib.Path)
    arguments = parser.parse_args()
    if not (ROOT / f"rtl/config/{arguments.config}.f").is_file():
        fail(f"there is no configuration '{arguments.config}' in rtl/config")
    return arguments


def main():
    arguments = parse_arguments()
    name = arguments.config + (f"-{arguments.module}" if arguments.module else "")
    folder, period, top = ROOT / "build/timing" / name, clock_period(arguments.config), arguments.module or "sterna_top"
    try:
        delays = Delays(HERE / "ultrascale_plus.toml")
        netlist = arguments.netlist or synthesise(arguments.config, arguments.module, folder)
        paths, modules, loops = run_sta(netlist, top, period, delays, folder)
    except (DelayError, OSError) as error:
        fail(str(error))
    table = late_modules(paths, top, modules)
    print_report(name, paths, table, period, delays, arguments.paths)
    report = {"fabric": delays.name, "period": round(period, 4), "modules": table, "paths": [p for p in paths if "pins" in p]}
    (folder.parent / f"{name}.json").write_text(json.dumps(report, indent=1))
    baselines = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if arguments.update:
        baselines[name] = {module: row["slack"] for module, row in sorted(table.items()) if row["slack"] < 0}
        BASELINE.write_text(json.dumps(baselines, indent=1, sort_keys=True) + "\n")
    if loops:
        fail(f"combinational loop through {loops[0]}")
    # A module alone, of which the baseline has nothing of its own, may be as late as it is in the whole.
    if found := worse(table, baselines.get(name, baselines.get(arguments.config, {}))):
        fail(f"{name}: late, and later than before: " + "; ".join(found))


if __name__ == "__main__":
    main()
