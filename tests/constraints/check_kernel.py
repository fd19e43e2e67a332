#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: check_kernel.py ROOT CONFIG BOARD [FILE OLD NEW]

What the board's tools are told about the kernel, from four sides that must agree: isa/isa.toml, the generated kernel.xml, the
calls that constraints/package_kernel.tcl makes, and the ports of the wrapper as Yosys reads them. The packaged sources must
elaborate by themselves. With OLD and NEW a fault is planted: the first OLD in a FILE of constraints/ becomes NEW.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ElementTree

import pyslang.driver

root, config, board = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3]
work = pathlib.Path(tempfile.mkdtemp())


def check(what, *sides):
    """All sides must be equal."""
    for side in sides[1:]:
        if side != sides[0]:
            sys.exit(f"{what} differ:\n  {sides[0]}\n  {side}")


def configuration():
    lines = (root / "rtl/config" / f"{config}.f").read_text().splitlines()
    return {m[1]: int(m[2]) for m in (re.match(r"-G(\w+)=(\d+)", line) for line in lines) if m}


def from_definition(channels, lanes):
    """Arguments as name: (offset, bits, port), and the parameters' values."""
    isa = tomllib.loads((root / "isa/isa.toml").read_text())
    registers = {r["name"]: r for r in isa["register"]}
    arguments = {}
    for argument in isa["kernel"]["argument"]:
        register = registers[argument["register"]]
        for i in range(register.get("count", 1)):
            if argument.get("per") == "lane" and i >= lanes:
                continue
            pointer = argument["type"] == "pointer"
            arguments[argument["name"].replace("#", str(i))] = (
                register["offset"] + i * register.get("stride", 4), 64 if pointer else 32,
                f"m_axi_gmem{i % channels}" if pointer else None)
    control = {r["name"]: (r["offset"], 32, None) for r in isa["register"] if r["offset"] < 0x10}
    parameters = {p["name"]: p["value"] for p in isa["kernel"]["parameter"]}
    return isa["kernel"]["name"], arguments, control, parameters


def from_xml():
    kernel = ElementTree.parse(root / f"constraints/generated/kernel_{config}.xml").getroot().find("kernel")
    arguments = {}
    for i, arg in enumerate(kernel.find("args")):
        check("argument numbers", int(arg.get("id")), i)
        pointer = arg.get("addressQualifier") == "1"
        arguments[arg.get("name")] = (int(arg.get("offset"), 16), 8 * int(arg.get("size"), 16),
                                      arg.get("port") if pointer else None)
        if not pointer:
            check("port of " + arg.get("name"), arg.get("port"), "s_axi_control")
    ports = {p.get("name"): (p.get("mode"), int(p.get("dataWidth"))) for p in kernel.find("ports")}
    return kernel.get("name"), kernel.get("vlnv"), arguments, ports


def run_packaging(tree):
    """The calls, as lists of words."""
    record = work / "record"
    subprocess.run(["tclsh", root / "tests/constraints/stand_ins.tcl", record, "constraints/package_kernel.tcl",
                    config, board, work / "out"], cwd=tree, check=True)
    for script in ["constraints/kernel_ooc.xdc", *sorted((tree / "constraints/generated").glob("floorplan_*.tcl"))]:
        subprocess.run(["tclsh", root / "tests/constraints/stand_ins.tcl", work / "other", script], cwd=tree, check=True)
    return [line.split("\t") for line in record.read_text().splitlines()]


def registers_of(calls):
    registers = {c[1]: [None, None, None] for c in calls if c[0] == "ipx::add_register"}
    for call in calls:
        if call[0] != "set_property":
            continue
        what, value, target = call[1:4]
        if target.startswith("register:"):
            registers[target[9:]][{"address_offset": 0, "size": 1}[what]] = int(value, 0)
        if target.startswith("register_parameter:ASSOCIATED_BUSIF@register:"):
            registers[target.split(":")[-1]][2] = value
    return {name: tuple(values) for name, values in registers.items()}


def from_rtl(top, parameters):
    """Ports of the wrapper: name: (direction, bits)."""
    sets = " ".join(f"-set {k} {v}" for k, v in parameters.items())
    subprocess.run(["yosys", "-q", "-p", f"read_verilog {root}/rtl/kernel/{top}.v; chparam {sets} {top}; "
                    f"write_json {work}/top.json"], check=True)
    modules = json.loads((work / "top.json").read_text())["modules"]
    module = next(m for name, m in modules.items() if top in name)
    return {name: (p["direction"], len(p["bits"])) for name, p in module["ports"].items()}


def elaborate(sources, top, parameters):
    """The packaged sources, alone: no path to headers."""
    driver = pyslang.driver.Driver()
    driver.addStandardArgs()
    sets = " ".join(f"-G{k}={v}" for k, v in parameters.items())
    primitives = root / "tests/synth/dsp48e2.v"
    if not (driver.parseCommandLine(f"slang -Wnone -DSYNTHESIS {sources} {primitives} --top {top} {sets}") and driver.processOptions()
            and driver.parseAllSources() and driver.runFullCompilation(True)):
        sys.exit("the packaged sources do not elaborate")


def main():
    settings = configuration()
    channels = settings.pop("Channels", 1)
    name, arguments, control, parameters = from_definition(channels, settings.get("Lanes", 1))
    parameters.update(settings)

    tree = root
    if len(sys.argv) > 4:
        tree = work / "tree"
        shutil.copytree(root / "constraints", tree / "constraints")
        (tree / "rtl").symlink_to(root / "rtl")
        faulty, old, new = tree / "constraints" / sys.argv[4], sys.argv[5], sys.argv[6]
        text = faulty.read_text()
        if old not in text:
            sys.exit(f"no '{old}' in {faulty}")
        faulty.write_text(text.replace(old, new, 1))
    calls = run_packaging(tree)
    made = [c for c in calls if c[0] == "package_xo"]
    xo = dict(zip(made[0][2::2], made[0][3::2]))  # after -force
    xml_name, vlnv, xml_arguments, xml_ports = from_xml()
    properties = {(c[3], c[1]): c[2] for c in calls if c[0] == "set_property"}

    check("kernel names", name, xml_name, xo["-kernel_name"], properties[("core", "name")])
    check("vlnv", vlnv.split(":")[2], name)
    check("control protocol", xo["-ctrl_protocol"], "ap_ctrl_hs")
    check("kernel.xml", xo["-kernel_xml"], f"constraints/generated/kernel_{config}.xml")
    check("marks", properties[("core", "sdx_kernel")], "true")
    check("arguments", arguments, xml_arguments)
    check("registers", {**control, **arguments}, registers_of(calls))
    for kind in ("user_parameter", "hdl_parameter"):
        check("parameters", parameters,
              {t[len(kind) + 1:]: int(v) for (t, _), v in properties.items() if t.startswith(kind + ":")})

    memory = [f"m_axi_gmem{c}" for c in range(channels)]
    buses = [c[c.index("-busif") + 1] for c in calls if c[0] == "ipx::associate_bus_interfaces" and "-busif" in c]
    # Neither FIXED or WRAP bursts nor narrow ones.
    bursts = {f"bus_parameter:{p}@bus:{m}": "0" for m in memory for p in ("HAS_BURST", "SUPPORTS_NARROW_BURST")}
    check("bus parameters", bursts, {t: v for (t, what), v in properties.items()
                                     if t.startswith("bus_parameter:") and what == "value"})
    check("buses", ["s_axi_control"] + memory, buses, list(xml_ports))
    ports = from_rtl(properties[("fileset", "top")], parameters)
    prefixes = {p.rsplit("_", 1)[0] for p in ports if "_axi_" in p}
    check("buses of the RTL", set(buses), prefixes)
    check("other ports", {"ap_clk", "ap_rst_n", "interrupt"}, {p for p in ports if "_axi_" not in p})
    for bus, (mode, bits) in xml_ports.items():
        master = mode == "master"
        check(f"widths of {bus}", ports[f"{bus}_wdata"], ("output" if master else "input", bits))
        check(f"widths of {bus}", ports[f"{bus}_rdata"], ("input" if master else "output", bits))
    check("map", properties[("block:reg0", "range")], hex(1 << ports["s_axi_control_awaddr"][1]))

    link = (work / "out/link.cfg").read_text()
    banks = re.search(r"variable banks \{(.*?)\}", (root / f"constraints/boards/{board}.tcl").read_text())[1].split()
    check("banks", re.findall(r"^sp=(.*)$", link, re.M), [f"{name}_1.{p}:{b}" for p, b in zip(memory, banks)])
    check("compute units", re.findall(r"^nk=(.*)$", link, re.M), [f"{name}:1:{name}_1"])
    check("clock", re.findall(r"^freqHz=(\d+):", link, re.M), [str(parameters["ClockKhz"] * 1000)])
    elaborate(next(c for c in calls if c[0] == "add_files")[-1], properties[("fileset", "top")], parameters)
    print(f"{config} on {board}: {len(arguments)} arguments, {len(ports)} ports, {len(calls)} calls agree")


try:
    main()
finally:
    shutil.rmtree(work)
