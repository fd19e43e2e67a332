#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: timing_test.py ROOT

make timing on netlists so small that the delays of bench/timing/ultrascale_plus.toml can be added up by hand, through OpenSTA.
"""
import contextlib
import io
import json
import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(ROOT / "bench/timing"))
sys.dont_write_bytecode = True
import timing  # noqa: E402
from delays import DelayError, Delays  # noqa: E402

DELAYS = Delays(ROOT / "bench/timing/ultrascale_plus.toml")
PERIOD = 3.333
CLOCK, FF, SETUP = 0.10, 0.077, -0.025  # uncertainty, clock to Q, setup of D
ONE, TWO = 0.32, 0.37  # a net of one pin, of two


def cell(kind, name, ports, **parameters):
    """As Yosys writes an instance."""
    head = f"  {kind} #(\n" + ",\n".join(f"    .{k}({v})" for k, v in parameters.items()) + f"\n  ) {name} (\n" if parameters \
        else f"  {kind} {name} (\n"
    return head + ",\n".join(f"    .{pin}({net})" for pin, net in ports.items()) + "\n  );\n"


def flip_flop(name, data, out, enable="1'h1"):
    return cell("FDRE", name, {"C": "clk_i", "CE": enable, "D": data, "R": "1'h0", "Q": out}, INIT="1'h0")


def module(name, ports, wires, body):
    """Inputs and outputs as "a" or "[3:0] b"; the clock is added."""
    bare = [port.split()[-1] for kind in ports for port in ports[kind]]
    text = f"module {name}(" + ", ".join(["clk_i", *bare]) + ");\n  input clk_i;\n  wire clk_i;\n"
    for kind, names in ports.items():
        text += "".join(f"  {kind} {port};\n  wire {port};\n" for port in names)
    return text + "".join(f"  wire {wire};\n" for wire in wires) + body + "endmodule\n"


class Timing(unittest.TestCase):
    def run_sta(self, text, top="top"):
        with tempfile.TemporaryDirectory() as folder:
            netlist = pathlib.Path(folder) / "netlist.v"
            netlist.write_text(text)
            return timing.run_sta(netlist, top, PERIOD, DELAYS, pathlib.Path(folder) / "sta")

    def slack_to(self, end, text):
        paths, _, loops = self.run_sta(text)
        self.assertEqual(loops, [])
        return {path["end"]: path["slack"] for path in paths}[end]

    def check(self, end, text, *delays):
        self.assertAlmostEqual(self.slack_to(end, text), PERIOD - CLOCK - sum(delays), places=3)

    def between(self, kind, inputs, output, width, **parameters):
        """A register, a cell with inputs all from it, a register behind bit 0 of its output."""
        zero = f"q{width and '[0]'}"
        body = flip_flop("a", "d", "x") + cell(kind, "u", {**inputs, output: "q"}, **parameters) + flip_flop("b", zero, "y")
        return module("top", {"input": ["d"], "output": ["y"]}, ["x", f"{width} q".strip()], body)

    def test_register_to_register(self):
        text = module("top", {"input": ["d"], "output": ["y"]}, ["x"], flip_flop("a", "d", "x") + flip_flop("b", "x", "y"))
        self.check("b/D", text, FF, ONE, 0.10, SETUP)  # from elsewhere past the slice's look-up tables
        self.check("a/D", text, FF, ONE, 0.10, SETUP)  # a port: a neighbour's register
        self.check("y", text, FF, DELAYS.ports["output"])

    def test_concatenation_of_escaped_names(self):
        body = (flip_flop("a", "d", "x") + "  assign { \\p[0] , \\q[1]  } = { x, \\r[2]  };\n  assign { s } = \\q[1] ;\n"
                + flip_flop("b", "\\p[0] ", "\\r[2] ") + flip_flop("c", "s", "y"))
        text = module("top", {"input": ["d"], "output": ["y"]}, ["x", "s", "\\p[0] ", "\\q[1] ", "\\r[2] "], body)
        self.check("b/D", text, FF, ONE, 0.10, SETUP)
        self.check("c/D", text, FF, ONE, 0.10, SETUP)

    def test_look_up_tables(self):
        body = (flip_flop("a", "d", "x") + cell("LUT2", "u", {"I0": "x", "I1": "x", "O": "n"}, INIT="4'h8")
                + cell("LUT6", "v", {f"I{i}": "n" if i == 3 else "1'h0" for i in range(6)} | {"O": "m"}, INIT="64'h8000000000000000")
                + flip_flop("b", "m", "y", enable="n"))
        text = module("top", {"input": ["d"], "output": ["y"]}, ["x", "n", "m"], body)
        self.check("b/D", text, FF, TWO, 0.10, TWO, 0.10, 0.05, SETUP)  # the last into the flip-flop of its slice
        self.check("b/CE", text, FF, TWO, 0.10, TWO, 0.06)

    def test_fan_out(self):
        body = flip_flop("a", "d", "x") + "".join(flip_flop(f"b{i}", "x", f"y[{i}]") for i in range(12))
        text = module("top", {"input": ["d"], "output": ["[11:0] y"]}, ["x"], body)
        self.check("b3/D", text, FF, (0.50 + 0.60) / 2, 0.10, SETUP)  # between 8 and 16
        body = flip_flop("a", "d", "x") + "".join(flip_flop(f"b{i}", "x", f"y[{i}]") for i in range(200))
        self.check("b3/D", module("top", {"input": ["d"], "output": ["[199:0] y"]}, ["x"], body), FF, 1.10, 0.10, SETUP)

    def test_from_another_die(self):
        hop = module("\\$paramod\\sterna_die_hop\\Width=1 ", {"input": ["d"], "output": ["y"]}, [], flip_flop("r", "d", "y"))
        for name, crossing in ("\\$paramod\\sterna_die_hop\\Width=1 ", 1.0), ("\\$paramod\\sterna_die_hops\\Width=1 ", 0.0):
            with self.subTest(name):
                body = flip_flop("a", "d", "x") + f"  {name} h (\n    .clk_i(clk_i),\n    .d(x),\n    .y(y)\n  );\n"
                text = hop.replace("\\$paramod\\sterna_die_hop\\Width=1 ", name) + module("top", {"input": ["d"], "output": ["y"]}, ["x"], body)
                self.check("h/r/D", text, FF, ONE, 0.10, crossing, SETUP)

    def test_carry(self):
        carries = (cell("CARRY4", "c0", {"CI": "1'h0", "CYINIT": "1'h0", "DI": "4'h0", "S": "{ 3'h0, s }", "CO": "{ k, z0 }"})
                   + cell("CARRY4", "c1", {"CI": "k", "CYINIT": "1'h0", "DI": "4'h0", "S": "4'h0", "O": "o"}))
        for name, make, delay in [("table", cell("LUT1", "u", {"I0": "x", "O": "s"}, INIT="2'h1"), ONE + 0.10 + 0.015),
                                  ("none", "  assign s = x;\n", ONE + 0.115)]:
            with self.subTest(name):
                body = flip_flop("a", "d", "x") + make + carries + flip_flop("b", "o[2]", "y")
                text = module("top", {"input": ["d"], "output": ["y"]}, ["x", "s", "k", "[2:0] z0", "[3:0] o"], body)
                self.check("b/D", text, FF, delay, 0.186, 0.013, 0.116, 0.05, SETUP)
        # A bit of the sum does not wait for a higher one.
        body = (flip_flop("a", "d", "x") + cell("LUT1", "u", {"I0": "x", "O": "s"}, INIT="2'h1")
                + cell("CARRY4", "c0", {"CI": "1'h0", "CYINIT": "1'h0", "DI": "4'h0", "S": "{ s, 3'h0 }", "O": "o"}) + flip_flop("b", "o[2]", "y"))
        paths, _, _ = self.run_sta(module("top", {"input": ["d"], "output": ["y"]}, ["x", "s", "[3:0] o"], body))
        self.assertNotIn("b/D", {path["end"] for path in paths})

    def test_memories(self):
        for kind, width, registers in [("RAMB36E2", 15, {"DOA_REG": "32'sd0", "DOB_REG": "32'sd0"}),
                                       ("RAMB36E2", 15, {"DOA_REG": "32'sd1", "DOB_REG": "32'sd1"}),
                                       ("RAMB18E2", 14, {"DOA_REG": "32'sd0", "DOB_REG": "32'sd0"}),
                                       ("RAMB18E2", 14, {"DOA_REG": "32'sd1", "DOB_REG": "32'sd1"})]:
            with self.subTest(kind, **registers):
                data = 64 if width == 15 else 16
                text = self.between(kind, {"CLKBWRCLK": "clk_i", "ADDRBWRADDR": f"{{ {width - 1}'h0, x }}", "ENBWREN": "1'h1"},
                                    "DOUTBDOUT", f"[{data - 1}:0]", **registers)
                self.check("u/ADDRBWRADDR[0]", text, FF, ONE, 0.40)
                self.check("b/D", text, 0.229 if "1" in registers["DOB_REG"][-1] else 0.992, ONE, 0.10, SETUP)
        for flag, out in ("FALSE", 2.059), ("TRUE", 0.698):
            with self.subTest("URAM288", flag=flag):
                text = self.between("URAM288", {"CLK": "clk_i", "EN_B": "x"}, "DOUT_B", "[71:0]", OREG_A=f'"{flag}"', OREG_B=f'"{flag}"',
                                    IREG_PRE_A='"FALSE"', IREG_PRE_B='"FALSE"')
                self.check("u/EN_B", text, FF, ONE, 0.306)
                self.check("b/D", text, out, ONE, 0.10, SETUP)

    def test_products(self):
        factors = {"A": "{ 29'h0, x }", "B": "18'h3", "CLK": "clk_i"}
        none, output, every = ({r: f"32'sd{v}" for r, v in zip(("AREG", "BREG", "MREG", "PREG"), values)}
                               for values in ([0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1]))
        self.check("b/D", self.between("DSP48E2", factors, "P", "[47:0]", **none), FF, ONE, 1.56, ONE, 0.10, SETUP)
        for registers, setup in (output, 1.44), (every, 0.25):
            text = self.between("DSP48E2", factors, "P", "[47:0]", **registers)
            self.check("u/A[0]", text, FF, ONE, setup)
            self.check("b/D", text, 0.25, ONE, 0.10, SETUP)
        chain = (flip_flop("a", "d", "x") + cell("DSP48E2", "u", {**factors, "PCOUT": "c"}, **none)
                 + cell("DSP48E2", "v", {"A": "30'h0", "B": "18'h0", "PCIN": "c", "P": "q"}, **none) + flip_flop("b", "q[0]", "y"))
        text = module("top", {"input": ["d"], "output": ["y"]}, ["x", "[47:0] c", "[47:0] q"], chain)
        self.check("b/D", text, FF, ONE, 1.58, 0.08, 0.70, ONE, 0.10, SETUP)

    def test_names_and_modules(self):
        inner = module("\\$paramod\\inner\\W=32'1 ", {"input": ["d"], "output": ["y"]}, ["x", "_03_"],
                       flip_flop("_01_", "d", "x") + cell("LUT1", "_02_", {"I0": "x", "O": "_03_"}, INIT="2'h1") + flip_flop("_04_", "_03_", "y"))
        outer = module("top", {"input": ["d"], "output": ["y"]}, [],
                       cell("\\$paramod\\inner\\W=32'1 ", "\\u[0].in ", {"clk_i": "clk_i", "d": "d", "y": "y"}))
        paths, modules, _ = self.run_sta(inner + outer)
        path = next(p for p in paths if p["end"] == "u[0].in/y/D")
        self.assertEqual([p["pin"] for p in path["pins"]], ["u[0].in/x/Q", "u[0].in/_02_/I0", "u[0].in/_02_/O", "u[0].in/y/D"])
        self.assertEqual((path["pins"][0]["cell"], path["pins"][0]["fanout"], timing.levels(path)), ("FDRE", 1, 1))
        table = timing.late_modules(paths, "top", modules)
        self.assertEqual({name: row["ends"] for name, row in table.items()}, {"inner": 2, "top": 1})
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            timing.print_report("small", paths, table, PERIOD, DELAYS, 5)
        self.assertRegex(out.getvalue(), r"inner +2 +0 +2\.\d\d")
        self.assertRegex(out.getvalue(), r"0\.42 +0\.50  LUT1 +fan-out 1 ")

    def test_loop_is_reported(self):
        body = (cell("LUT2", "u", {"I0": "d", "I1": "m", "O": "n"}, INIT="4'h8") + cell("LUT1", "v", {"I0": "n", "O": "m"}, INIT="2'h1")
                + flip_flop("b", "m", "y"))
        _, _, loops = self.run_sta(module("top", {"input": ["d"], "output": ["y"]}, ["n", "m"], body))
        self.assertLessEqual({"u/O", "v/O"}, set(loops))

    def test_what_it_does_not_know_is_named(self):
        for kind, parameters, says in [("BUFGMUX", {}, "no delays for BUFGMUX: cell u of module top"),
                                       ("DSP48E2", {"AREG": "32'sd0", "BREG": "32'sd0", "MREG": "32'sd1", "PREG": "32'sd0"},
                                        "no delays for DSP48E2 with AREG=0, BREG=0, MREG=1, PREG=0: cell u of module top"),
                                       ("$_AND_", {}, "no delays for $_AND_: cell u of module top")]:
            with self.subTest(kind), self.assertRaisesRegex(DelayError, re.escape(says)):
                name = kind if kind[0] != "$" else f"\\{kind} "
                self.run_sta(module("top", {"input": ["d"], "output": []}, ["q"], cell(name, "u", {"A": "d", "Y": "q"}, **parameters)))
        with self.assertRaisesRegex(DelayError, "no delays for pin Z of LUT1: cell u of module top"):
            self.run_sta(module("top", {"input": ["d"], "output": []}, ["q"], cell("LUT1", "u", {"I0": "d", "Z": "q"}, INIT="2'h1")))


class Baseline(unittest.TestCase):
    def test_late_and_later(self):
        table = {"a": {"slack": -1.0}, "b": {"slack": -0.5}, "c": {"slack": 0.2}, "d": {"slack": -0.3}}
        self.assertEqual(timing.worse(table, {"a": -1.0, "b": -0.2}), ["b -0.50 ns, -0.20 in the baseline", "d -0.30 ns, 0.00 in the baseline"])
        self.assertEqual(timing.worse(table, {"a": -1.5, "b": -0.4, "d": -0.2}), [])  # no more than a renaming does
        self.assertEqual(timing.worse({"a": {"slack": 0.0}, "b": {"slack": -0.01}}, {}), ["b -0.01 ns, 0.00 in the baseline"])

    def test_committed(self):
        for config, modules in json.loads(timing.BASELINE.read_text()).items():
            self.assertGreater(timing.clock_period(config.split("-")[0]), 0)
            self.assertTrue(all(slack < 0 for slack in modules.values()), config)


if __name__ == "__main__":
    unittest.main()
