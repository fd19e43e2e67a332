#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bitstream_test.py ROOT

make bitstream without its tools, which take an hour: what it reads of nextpnr's report, what it keeps, what it refuses."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
root = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(root / "scripts")]
import bitstream  # noqa: E402


def expect(holds, what):
    if not holds:
        sys.exit(f"FAIL: {what}")


def path(source, sink, *delays):
    return {"from": source, "to": sink, "path": [{"delay": delay} for delay in delays]}


report = {"fmax": {"slow": {"achieved": 53.9, "constraint": 50.0}, "fast": {"achieved": 101.0, "constraint": 100.0}},
          "critical_paths": [path("posedge slow", "posedge slow", 9.0, 9.5), path("posedge slow", "posedge fast", 4.0, 8.5),
                             path("posedge fast", "posedge slow", 5.0), path("<async>", "posedge fast", 20.0)]}
expect(bitstream.clocks_of(report) == {"slow": (53.9, 50.0), "fast": (101.0, 100.0)}, "the clocks")
# Held to the faster clock's cycle; nothing is expected of what comes from outside.
expect(bitstream.crossings_of(report) == {("slow", "fast"): (80.0, 100.0), ("fast", "slow"): (200.0, 100.0)}, bitstream.crossings_of(report))

board = bitstream.board_of("ulx3s")
expect(bitstream.configuration_of(board)["BeatBits"] == 64, "the configuration")
with tempfile.TemporaryDirectory() as folder:
    made = []

    def make(*inputs):
        return bitstream.step(pathlib.Path(folder), "step", inputs, made.append)

    first, again, other = make("a", 1), make("a", 1), make("a", 2)
    expect(first == again and first != other and made == [first, other], "a step is kept by what went into it")
    (other / "complete").unlink()  # as where it was cut off
    expect(make("a", 2) == other and made == [first, other, other], "a step that was cut off is done again")

    # One call at a time; a report that is none, and a tool that was killed, are one line each.
    place = pathlib.Path(folder) / "board"

    def says(work):
        try:
            work()
        except SystemExit as end:
            return str(end)
        return ""

    with bitstream.alone(place):
        expect(says(lambda: bitstream.alone(place)) == f"bitstream: another call works in {place}", "two calls at once")
    bitstream.alone(place).close()
    (place / "report.json").write_text("{")
    expect("is no report of nextpnr's" in says(lambda: bitstream.read_report(place)), "half a report")
    expect("ended by signal 9 (all of it in" in says(lambda: bitstream.run(["sh", "-c", "kill -9 $$"], place / "log")), "a killed tool")

    # Modules by the names of their cells, whatever generate block they are in; and a bitstream only where a seed meets the clock.
    cells = {f"u_a.gen[{i}].u_b.lut.{i}": {"type": "LUT4"} for i in range(500)} | {"u_a.q": {"type": "TRELLIS_FF"}, "free": {"type": "LUT4"}}
    (place / "netlist.json").write_text(json.dumps({"modules": {"sterna_ulx3s": {"cells": cells}}}))
    (place / "board.bit").write_text("bits")
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        bitstream.print_modules(place / "netlist.json", board)
    rows = [line.split() for line in shown.getvalue().splitlines()[1:]]
    expect(rows == [["u_a", "500", "0", "1", "0", "0"], ["u_b", "500", "0", "0", "0", "0"]], rows)
    bitstream.ROOT, bitstream.synthesise, bitstream.route = pathlib.Path(folder), lambda *_: place, lambda *_: place
    for clock, kept in ((51.0, True), (49.0, False)):
        report = {"fmax": {"slow": {"achieved": clock, "constraint": 50.0}}, "critical_paths": [], "utilization": {}}
        (place / "report.json").write_text(json.dumps(report))
        with contextlib.redirect_stdout(io.StringIO()):
            said = says(lambda: bitstream.build(board, {}, [7], True, place))
        expect((place / "ulx3s.bit").exists() == kept and ("not met with seed 7" in said) != kept, f"{clock} MHz: {said}")

REFUSED = [(["ulx4s"], "BOARD must be one of: ulx3s"), (["ulx3s", "--seeds", "1,x"], "--seeds takes numbers"),
           (["ulx3s", "--seeds", "1234567890"], "at most nine digits")]
REFUSED += [(["ulx3s", "--clock", mhz], f"--clock takes MHz, 15 to 133, not '{mhz}'") for mhz in ("0", "-5", "nan", "1e9", "fast")]
for arguments, says in REFUSED:
    run = subprocess.run([root / "scripts/bitstream.py", *arguments], capture_output=True, text=True)
    expect(run.returncode == 1 and says in run.stderr and run.stderr.count("\n") == 1, run.stderr)
