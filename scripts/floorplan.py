#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: floorplan.py CONFIG [--check FILE]

Prints the pblocks of a configuration of rtl/config that is spread over several dies (Dies): the front's cells, and those of each die's lanes, channels and copies of
what goes to the lanes; and one over all dies, for registers on the way from one to another, which the placer puts where it likes. It is
what constraints/generated/floorplan_CONFIG.tcl has, sourced before placement. --check: FILE must have just that, and the design, elaborated by slang, every cell
that is named, each lane and each channel's memory side in one pblock.
"""
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREES = ["start", "load", "control", "codes", "fff", "record"]
FRONT = ["u_control", "u_die_reset", *(f"u_core.{cell}" for cell in (
    "u_issue", "u_load_store", "u_weights.u_ternary_matmul", "u_counters",
    "u_weights.u_weight_stream.u_fetch", "u_weights.u_weight_stream.u_decode"))]
CHANNEL_LINKS = ["u_run", "u_requests_far", "u_idle", "u_banks.u_pushes", "u_banks.u_pops", "u_banks.u_words"]


def fail(message):
    sys.exit(f"floorplan: {message}")


def parameters(config):
    path = ROOT / f"rtl/config/{config}.f"
    if not path.is_file():
        fail(f"there is no configuration '{config}' in rtl/config")
    return {"Channels": 1, "Lanes": 1, "Dies": 1, "FffTrees": 0, **{k: int(v) for k, v in re.findall(r"^-G(\w+)=(\d+)", path.read_text(), re.M)}}


def hops(dies):
    """Stage and die of each register of a die_tree."""
    front = (dies - 1) // 2
    return [(s, d) for s in range(1, dies // 2 + 1) for d in range(dies) if abs(d - front) <= s]


def plan(p):
    """The cells of each pblock, by their paths in sterna_top."""
    dies, front = p["Dies"], (p["Dies"] - 1) // 2
    blocks = {f"die{d}": [] for d in range(dies)} | {"links": []}
    if p["FffTrees"]:
        blocks[f"die{front}"] += [f"u_core.u_weights.gen_fff.u_fff_stream.{cell}" for cell in ("u_walk", "u_lines", "u_every")]
    blocks[f"die{front}"] += FRONT
    for tree in [f"u_core.u_lane_trees.u_{name}_tree" for name in TREES] + ["u_die_reset.u_tree"]:
        for s, d in hops(dies):
            blocks[f"die{d}"].append(f"{tree}.gen_stage[{s}].gen_die[{d}].gen_hop.u_hop")
    for c in range(p["Channels"]):
        die = f"die{c * dies // p['Channels']}"
        blocks[die].append(f"gen_channel[{c}].u_axi_mux")
        blocks["links"].append(f"gen_channel[{c}].u_channel_link")
        channel = f"u_core.u_weights.u_weight_stream.gen_channel[{c}].u_weight_channel"
        blocks[die].append(channel)
        blocks[f"die{front}"].append(f"{channel}.u_banks.u_held")
        blocks["links"] += [f"{channel}.{link}" for link in CHANNEL_LINKS]
        if p["FffTrees"]:
            trees = f"u_core.u_weights.gen_fff.u_fff_stream.gen_channel[{c}]"
            blocks[f"die{front}"].append(f"{trees}.u_channel")
            blocks["links"] += [f"{trees}.u_ar", f"{trees}.u_r"]
    for l in range(p["Lanes"]):
        blocks[f"die{l * dies // p['Lanes']}"].append(f"u_core.gen_lane[{l}].u_lane")
        blocks["links"].append(f"u_core.gen_lane[{l}].u_delay_returns")
    if p["Lanes"] > 2:  # they share their dot products, four at a time on each die
        quads = (-(-p["Lanes"] // dies) + 3) // 4
        for d in range(dies):
            lanes = sum(l * dies // p["Lanes"] == d for l in range(p["Lanes"]))
            blocks[f"die{d}"] += [f"u_core.gen_quads.gen_quad[{quads * d + q}].gen_lanes.u_ternary_quad" for q in range((lanes + 3) // 4)]
    for d in range(dies):
        blocks["links"].append(f"u_core.u_stored.gen_die_stored[{d}].u_delay_stored")
    return blocks


def tcl(config, p):
    lines = ["# SPDX-License-Identifier: Apache-2.0",
             f"# Generated from rtl/config/{config}.f by scripts/floorplan.py: before placement, what lies on which die (SLR).",
             "# A cell below one that is named elsewhere lies where it is named itself.",
             "set top [lindex [get_cells -hierarchical -filter {REF_NAME =~ sterna_top*}] 0]",
             "proc place {block dies cells} {", "  create_pblock $block", "  resize_pblock $block -add $dies",
             "  foreach cell $cells {add_cells_to_pblock $block [get_cells $::top/$cell]}", "}"]
    for name, cells in plan(p).items():
        dies = [int(name[3:])] if name.startswith("die") else range(p["Dies"])
        lines.append(f"place {name} {{{' '.join(f'SLR{d}' for d in dies)}}} {{")
        # Vivado has a slash behind an instance, and a dot behind a generate block.
        lines += ["  " + re.sub(r"(\bu_\w+)\.", r"\1/", cell) for cell in cells] + ["}"]
    return "\n".join(lines) + "\n"


def elaborated(p):
    """Paths of all instances below sterna_top, as slang has them."""
    import pyslang
    import pyslang.driver
    os.chdir(ROOT)
    driver = pyslang.driver.Driver()
    driver.addStandardArgs()
    sources = " ".join(re.findall(r"^rtl/.*\.sv$", (ROOT / "rtl/files.f").read_text(), re.M))
    sets = " ".join(f"-G{k}={v}" for k, v in p.items())
    if not (driver.parseCommandLine(f"slang -Wnone -DSYNTHESIS -I. {sources} --top sterna_top {sets}") and driver.processOptions() and driver.parseAllSources()):
        fail("slang cannot read the sources")
    found = set()

    def visit(node):
        if isinstance(node, pyslang.ast.InstanceSymbol):
            found.add(node.hierarchicalPath)
        return pyslang.ast.VisitAction.Advance

    driver.createCompilation().getRoot().visit(visit)
    return found


def check(config, p, path):
    if path.read_text() != tcl(config, p):
        fail(f"{path} is not what scripts/floorplan.py {config} prints")
    found, cells = elaborated(p), [cell for block in plan(p).values() for cell in block]
    for cell in cells:
        if f"sterna_top.{cell}" not in found:
            fail(f"{config} has no cell {cell}")
    for ending in (r"gen_lane\[\d+\]\.u_lane", r"\.u_axi_mux", r"u_weight_channel", r"\.u_channel", r"\.u_hop", r"\.u_ternary_quad"):
        there = sorted(path.removeprefix("sterna_top.") for path in found if re.search(ending + "$", path))
        named = sorted(cell for cell in cells if re.search(ending + "$", cell))
        if there != named:
            fail(f"{config}: in no pblock, or in two: {', '.join(sorted(set(there) ^ set(named)) or ['one of ' + ending])}")
    print(f"{config}: {len(cells)} cells in {len(plan(p))} pblocks, all of them in the design")


def main():
    if len(sys.argv) not in (2, 4) or (len(sys.argv) == 4 and sys.argv[2] != "--check"):
        sys.exit(__doc__.splitlines()[0])
    p = parameters(sys.argv[1])
    if p["Dies"] == 1:
        fail(f"{sys.argv[1]} lies on one die")
    if len(sys.argv) == 4:
        check(sys.argv[1], p, pathlib.Path(sys.argv[3]).resolve())
    else:
        print(tcl(sys.argv[1], p), end="")


if __name__ == "__main__":
    main()
