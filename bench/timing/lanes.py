#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: lanes.py LANES... [--config CONFIG]

How many lanes a card takes and how fast: a configuration (u250) with so many lanes, synthesised as make synth-core does and timed as make
timing does. For each its share of the card, and of what a shell leaves of it; the worst path, and how many are late at the
configuration's clock. JSON goes to build/timing/CONFIG-lanes.json. u250 takes ten to fifteen minutes of a core for each, and some gigabytes.
"""
import argparse
import json
import re

from timing import HERE, ROOT, DelayError, Delays, clock_period, fail, run_sta, synthesise
import synth_core

MAX_LANES = int(re.search(r"MAX_LANES = (\d+)", (ROOT / "rtl/generated/sterna_isa_pkg.sv").read_text())[1])
SHELL_LEAVES = 0.83  # of an XCU250: AMD's platform example of the U250 keeps the rest


def measure(config, lanes, delays):
    folder, period = ROOT / f"build/timing/{config}-{lanes}-lanes", clock_period(config)
    netlist = synthesise(config, None, folder, lanes)
    totals, _ = synth_core.totals_and_instances(synth_core.read_statistics((folder / "stat.json").read_text()))
    top = next(use for module, use in totals.items() if synth_core.base_name(module) == "sterna_top")
    paths, _, loops = run_sta(netlist, "sterna_top", period, delays, folder)
    if loops:
        fail(f"combinational loop through {loops[0]}")
    return {"lanes": lanes, "use": top, "worst": period - paths[0]["slack"], "to": paths[0]["end"],
            "ends": len(paths), "late": sum(p["slack"] < 0 for p in paths)}


def print_row(row, card):
    shares = [row["use"][kind] / card[kind] for kind in ("LUT", "DSP")]
    print(f"{row['lanes']:>5}{row['use']['LUT']:>10}" + "".join(f"{100 * s:>8.1f} %{100 * s / SHELL_LEAVES:>7.1f} %" for s in shares)
          + f"{row['worst']:>9.2f}{1000 / row['worst']:>6.0f}{row['late']:>7}{row['ends']:>9}  {row['to']}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="lanes", usage=__doc__.splitlines()[0][7:], description=__doc__.split("\n\n", 1)[1])
    parser.add_argument("lanes", nargs="+", type=int)
    parser.add_argument("--config", default="u250")
    arguments = parser.parse_args()
    if not (ROOT / f"rtl/config/{arguments.config}.f").is_file():
        fail(f"there is no configuration '{arguments.config}' in rtl/config")
    if synth_core.FPGA_OF[arguments.config] != "XCU250":
        fail(f"{arguments.config} is for an {synth_core.FPGA_OF[arguments.config]}: what its platform leaves is not known here")
    for lanes in arguments.lanes:
        if not 1 <= lanes <= MAX_LANES:
            fail(f"{lanes} lanes: 1 to {MAX_LANES}")
    rows, card = [], synth_core.FPGAS[synth_core.FPGA_OF[arguments.config]]
    try:
        delays = Delays(HERE / "ultrascale_plus.toml")
        for lanes in arguments.lanes:
            rows.append(measure(arguments.config, lanes, delays))
    except (DelayError, OSError) as error:
        fail(str(error))
    print(f"{'lanes':>5}{'LUT':>10}{'of card':>10}{'of rest':>9}{'DSP':>10}{'of rest':>9}{'ns':>9}{'MHz':>6}{'late':>7}{'ends':>9}  the worst ends in")
    for row in rows:
        print_row(row, card)
    (ROOT / f"build/timing/{arguments.config}-lanes.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
