#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: synth_core_test.py ROOT

The table of scripts/synth_core.py, and what scripts/synth_map.v makes of products and choices.
"""
import contextlib
import io
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "scripts"))
sys.dont_write_bytecode = True
import synth_core  # noqa: E402


class Table(unittest.TestCase):
    # As Yosys 0.23 printed them for a small design, in which each sterna_ternary_dot holds a block RAM and an UltraRAM.
    statistics = (HERE / "statistics.txt").read_text()

    def table(self, statistics, config="small"):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            fits = synth_core.print_table(config, synth_core.read_statistics(statistics))
        return fits, out.getvalue()

    def test_modules_with_all_below_them(self):
        fits, text = self.table(self.statistics)
        rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line}
        # Instances, LUT, FF, DSP, BRAM36, URAM. The whole is also what Yosys says of the design.
        self.assertEqual(rows["sterna_top"], "1 44 96 2 2 2".split())
        self.assertEqual(rows["sterna_ternary_dot"], "2 16 44 1 1 1".split())
        self.assertEqual(rows["sterna_trit_decode"], "1 12 8 0 0 0".split())
        self.assertIn("28 LUTs with the decoder, 16 in every further lane", text)
        self.assertIn("URAM 2 of 1280 (0.2 %)", text)
        self.assertTrue(fits)

    def test_too_much_of_one_resource(self):
        for cell, just, over in [("DSP48E2", 4608, 4609), ("URAM288", 480, 481), ("RAMB36E2", 1008, 1009)]:
            for count, fits in (just, True), (over, False):
                changed = re.sub(f'"{cell}": 1\\b', f'"{cell}": {count}', self.statistics)
                self.assertEqual(self.table(changed)[0], fits, f"{cell} {count}")


    def test_fpga_of_the_configuration(self):
        for count, fits in (54, True), (55, False):
            changed = re.sub('"RAMB36E2": 1\\b', f'"RAMB36E2": {count}', self.statistics)
            is_within, text = self.table(changed, "kv260")
            self.assertIn(f"share of an XCK26: LUT 44 of 117120 (0.0 %), FF 96 of 234240 (0.0 %), DSP 2 of 1248 (0.2 %), BRAM36 {2 * count} of 144", text)
            self.assertEqual(is_within, fits, count)


class Map(unittest.TestCase):
    def check(self, a_bits, b_bits, slices):
        edges = [(1 << a_bits - 1, 1 << b_bits - 1), ((1 << a_bits - 1) - 1, 1 << b_bits - 1), ((1 << a_bits) - 1, 1),
                 (0x5A5A5A5A5 % (1 << a_bits), 0xC3C3C3C3C % (1 << b_bits))]
        product_bits = a_bits + b_bits
        script = ["read_verilog -sv <<END", f"module top(input signed [{a_bits - 1}:0] a, input signed [{b_bits - 1}:0] b,",
                  f"output signed [{product_bits - 1}:0] y); assign y = a * b; endmodule", "END",
                  f"techmap -map {ROOT}/scripts/synth_map.v", f"select -assert-count {slices} top/t:DSP48E2",
                  "select -assert-none top/t:$mul top/t:$add", f"read_verilog {HERE}/dsp48e2.v", "hierarchy -top top", "flatten"]
        script += [f"eval -set a {a_bits}'d{a} -set b {b_bits}'d{b} -show y top" for a, b in edges]
        run = subprocess.run(["yosys", "-Q", "-T", "-"], input="\n".join(script) + "\n", capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)

        def signed(value, bits):
            return value - (1 << bits) if value >> bits - 1 else value

        products = [signed(a, a_bits) * signed(b, b_bits) % (1 << product_bits) for a, b in edges]
        values = re.findall(rf"y = {product_bits}'([01]+)", run.stdout)
        self.assertEqual([int(v, 2) for v in values], products)

    def test_two_slices(self):
        self.check(32, 27, 2)
        self.check(19, 35, 2)

    def test_four_slices(self):
        self.check(32, 32, 4)
        self.check(35, 35, 4)

    def test_slice_with_a_register(self):
        a, b, c = -(1 << 26), (1 << 17) - 1, (1 << 40) + 12345
        script = ["read_verilog -sv <<END", "module top(input clk_i, input load_i, input signed [26:0] a, input signed [17:0] b,",
                  "input signed [47:0] c, output signed [47:0] y);",
                  "sterna_multiply_add u(.clk_i(clk_i), .load_i(load_i), .a_i(a), .b_i(b), .c_i(c), .sum_o(y)); endmodule", "END",
                  f"read_verilog -sv {ROOT}/rtl/common/sterna_multiply_add.sv", "hierarchy -top top", "proc",
                  f"techmap -map {ROOT}/scripts/synth_map.v", "select -assert-count 1 top/t:DSP48E2", "select -assert-none top/t:sterna_multiply_add",
                  f"read_verilog {HERE}/dsp48e2.v", "hierarchy -top top", "proc", "flatten", "clean"]
        # A sum is there a cycle after it is loaded, and holds while nothing is.
        given = f"-set-at 1 load_i 1 -set-at 1 a 27'd{a % (1 << 27)} -set-at 1 b 18'd{b} -set-at 1 c 48'd{c} -set-at 2 load_i 0"
        script += [f"sat -verify -seq 3 {given} -prove y 48'd{(a * b + c) % (1 << 48)} -prove-skip 1 top"]
        run = subprocess.run(["yosys", "-Q", "-T", "-"], input="\n".join(script) + "\n", capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout[-300:] + run.stderr)

    def test_slice_with_two_registers(self):
        a, b, c = -(1 << 26), (1 << 17) - 1, (1 << 40) + 12345
        script = ["read_verilog -sv <<END", "module top(input clk_i, input [1:0] load_i, input signed [26:0] a, input signed [17:0] b,",
                  "input signed [47:0] c, output signed [47:0] y);",
                  "sterna_product_sum u(.clk_i(clk_i), .load_i(load_i), .a_i(a), .b_i(b), .c_i(c), .sum_o(y)); endmodule", "END",
                  f"read_verilog -sv {ROOT}/rtl/common/sterna_product_sum.sv", "hierarchy -top top", "proc",
                  f"techmap -map {ROOT}/scripts/synth_map.v", "select -assert-count 1 top/t:DSP48E2", "select -assert-none top/t:sterna_product_sum",
                  f"read_verilog {HERE}/dsp48e2.v", "hierarchy -top top", "proc", "flatten", "clean"]
        # The product is kept while nothing is loaded; a sum is there a cycle after it is loaded, and holds.
        given = (f"-set-at 1 load_i 1 -set-at 1 a 27'd{a % (1 << 27)} -set-at 1 b 18'd{b} -set-at 2 load_i 0 "
                 f"-set-at 3 load_i 2 -set-at 3 c 48'd{c} -set-at 4 load_i 1")
        script += [f"sat -verify -seq 5 {given} -prove y 48'd{(a * b + c) % (1 << 48)} -prove-skip 3 top"]
        run = subprocess.run(["yosys", "-Q", "-T", "-"], input="\n".join(script) + "\n", capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout[-300:] + run.stderr)

    def test_four_additions(self):
        source = f"{ROOT}/rtl/common/sterna_quad_add.sv"
        script = [f"read_verilog -sv -I{ROOT} {source}", "rename sterna_quad_add gold", f"read_verilog {HERE}/dsp48e2.v",
                  f"read_verilog -sv -I{ROOT} -DSTERNA_DSP48E2 {source}", "hierarchy -check", "rename sterna_quad_add gate", "proc", "flatten gate", "select -assert-none gate/t:DSP48E2", "miter -equiv -flatten gold gate miter",
                  # Registers are free until they are loaded; from then on they hold or load the same, whatever comes.
                  "sat -verify -seq 4 -set-at 1 in_load_i 1 -set-at 2 in_load_i 2 -prove trigger 0 -prove-skip 2 miter"]
        run = subprocess.run(["yosys", "-Q", "-T", "-"], input="\n".join(script) + "\n", capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout[-300:] + run.stderr)

    def test_choice_among_eight(self):
        script = ["read_verilog -sv <<END", "module top(input [31:0] a, input [2:0] s, output [3:0] y);",
                  "logic [3:0] words[8]; always_comb for (int i = 0; i < 8; i++) words[i] = a[4*i +: 4];",
                  "assign y = words[s]; endmodule", "END", "proc", "opt", "pmux2shiftx", "copy top gold",
                  f"techmap -map {ROOT}/scripts/synth_map.v", "select -assert-count 8 top/t:LUT6", "select -assert-count 4 top/t:MUXF7", "read_verilog +/xilinx/cells_sim.v",
                  "proc", "miter -equiv -flatten gold top miter", "sat -verify -prove trigger 0 miter"]
        run = subprocess.run(["yosys", "-Q", "-T", "-"], input="\n".join(script) + "\n", capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout[-300:] + run.stderr)

    def test_additions_change_over(self):
        def alu(name, a, b, minus):
            sizes = "#(.A_SIGNED(0), .B_SIGNED(0), .A_WIDTH(8), .B_WIDTH(8), .Y_WIDTH(9))"
            return (f"wire [8:0] {name}_x, {name}_c; \\$alu {sizes} {name} (.A({a}), .B({b}), .CI({minus}), .BI({minus}), "
                    f".X({name}_x), .Y({name}_y), .CO({name}_c));")

        script = ["read_verilog -sv -icells <<END",
                  "module top(input [7:0] a, b, input s, output [8:0] logic_first_y, input_first_y, subtract_y);",
                  "wire [7:0] n = a ^ {8{s}};", alu("logic_first", "n", "b", "1'b0"), alu("input_first", "b", "n", "1'b0"),
                  alu("subtract", "n", "b", "1'b1"), "endmodule", "END",
                  "opt_clean", "copy top gold", "cd top", *synth_core.CHANGE_OVER, "cd",
                  "select -assert-count 2 top/w:b %co1:+[A] top/t:$alu %i",
                  "select -assert-count 1 top/w:b %co1:+[B] top/t:$alu %i",
                  "techmap top gold", "miter -equiv -flatten gold top miter", "sat -verify -prove trigger 0 miter"]
        run = subprocess.run(["yosys", "-Q", "-T", "-"], input="\n".join(script) + "\n", capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout[-300:] + run.stderr)


if __name__ == "__main__":
    unittest.main()
