#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: sdram.py ulx3s|model CLOCK_KHZ OUT.v

Writes the module sterna_sdram: LiteDRAM's controller for a ULX3S's memory, with two native ports of 32-bit words, and what sets
the chip up after power-up. `ulx3s` has the board's clocks and pins around it (an ECP5's PLL, the memory at twice the machine's clock);
`model` has LiteDRAM's own model of the chip, and is given its clock.
"""
import logging
import os
import sys

logging.disable(logging.INFO)
from migen import Cat, ClockDomain, ClockSignal, FSM, If, Instance, Module, NextState, NextValue, ResetSignal, Signal  # noqa: E402
from migen.fhdl.structure import Array  # noqa: E402
from migen.genlib.record import DIR_M_TO_S  # noqa: E402
from litedram.core import LiteDRAMCore  # noqa: E402
from litedram.init import get_sdram_phy_init_sequence  # noqa: E402
from litedram.modules import MT48LC16M16, _SpeedgradeTimings  # noqa: E402
from litedram.phy.dfi import Interface  # noqa: E402
from litedram.phy.gensdrphy import HalfRateGENSDRPHY  # noqa: E402
from litedram.phy.model import SDRAMPHYModel  # noqa: E402
from litex.build.io import DDROutput  # noqa: E402
from litex.build.lattice.common import lattice_ecp5_special_overrides  # noqa: E402
from litex.gen.fhdl.verilog import convert  # noqa: E402
from litex.soc.cores.clock.lattice_ecp5 import ECP5PLL  # noqa: E402

# The bits of LiteDRAM's command register, by which its lists of commands name them.
FLAGS = {"DFII_COMMAND_CS": 1, "DFII_COMMAND_WE": 2, "DFII_COMMAND_CAS": 4, "DFII_COMMAND_RAS": 8}
BOARD_CLOCK = 25e6
PINS = {"a": 13, "ba": 2, "cs_n": 1, "cke": 1, "ras_n": 1, "cas_n": 1, "we_n": 1, "dq": 16, "dm": 2}


class Chip(MT48LC16M16):
    """A ULX3S has one chip or another, of this size or twice it (whose upper columns stay unused): the slowest figures of them."""
    speedgrade_timings = {"default": _SpeedgradeTimings(tRP=20, tRCD=20, tWR=20, tRFC=(None, 70), tFAW=None, tRAS=45)}


class Pads:
    def __init__(self):
        for name, width in PINS.items():
            setattr(self, name, Signal(width, name=f"sdram_{name}"))

    def all(self):
        return {getattr(self, name) for name in PINS}


class Registered(Module):
    """A PHY behind registers in both directions. LiteDRAM's half-rate PHY takes what the controller says in the first of two fast
    cycles, and so does the controller with what it answers: without registers there all of the controller's logic would have to fit into it."""

    def __init__(self, phy):
        self.submodules.phy = phy
        self.settings = phy.settings
        self.settings.read_latency += 2
        inner = phy.dfi
        self.dfi = Interface(len(inner.p0.address), len(inner.p0.bank), len(inner.p0.cs_n), len(inner.p0.wrdata), len(inner.phases))
        for outside, inside in zip(self.dfi.phases, inner.phases):
            for name, _, direction in inside.layout:
                source, sink = (outside, inside) if direction == DIR_M_TO_S else (inside, outside)
                self.sync += getattr(sink, name).eq(getattr(source, name))
            for name in ("cs_n", "ras_n", "cas_n", "we_n"):
                getattr(inside, name).reset = getattr(outside, name).reset


class SetUp(Module):
    """Plays LiteDRAM's list of commands, then gives the chip to the controller: done."""

    def __init__(self, core, phy_settings, timing_settings):
        steps, _ = get_sdram_phy_init_sequence(phy_settings, timing_settings)
        self.done = Signal()
        flags = [sum(FLAGS[word] for word in command.split("|") if word in FLAGS) for _, _, _, command, _ in steps]
        # The delays are loops of a processor, which a cycle of ours never undercuts by more than a few times.
        delays = [max(delay, 16) for _, _, _, _, delay in steps]
        step, left = Signal(max=len(steps)), Signal(max=max(delays) + 1)
        injector = core.dfii.pi0

        def of_step(values):
            return Array(values)[step]

        self.comb += [core.dfii._control.fields.sel.eq(self.done), core.dfii._control.fields.cke.eq(1),
                      injector._address.storage.eq(of_step([a for _, a, _, _, _ in steps])),
                      injector._baddress.storage.eq(of_step([ba for _, _, ba, _, _ in steps]))]
        for name, bit in (("cs", 0), ("we", 1), ("cas", 2), ("ras", 3)):
            self.comb += getattr(injector._command.fields, name).eq(of_step([f >> bit & 1 for f in flags]))
        fsm = FSM(reset_state="ISSUE")
        self.submodules += fsm
        fsm.act("ISSUE", injector._command_issue.re.eq(1), NextValue(left, of_step(delays)), NextState("PAUSE"))
        fsm.act("PAUSE", NextValue(left, left - 1),
                If(left == 0, If(step == len(steps) - 1, NextState("DONE")).Else(NextValue(step, step + 1), NextState("ISSUE"))))
        fsm.act("DONE", self.done.eq(1))


class Memory(Module):
    def __init__(self, target, clock):
        module = Chip(clock, "1:2")
        self.clock_domains.cd_sys = ClockDomain("sys")
        self.pads = Pads()
        self.clk_o, self.rst_no, self.done_o = Signal(name="clk_o"), Signal(name="rst_no"), Signal(name="done_o")
        if target == "model":
            self.clk_i, self.rst_i = Signal(name="clk_i"), Signal(name="rst_i")
            self.comb += [self.cd_sys.clk.eq(self.clk_i), self.cd_sys.rst.eq(self.rst_i)]
            settings = HalfRateGENSDRPHY(Pads(), clock).settings
            self.submodules.phy = Registered(SDRAMPHYModel(module, settings, clk_freq=clock))
            self.ios = {self.clk_i, self.rst_i}
        else:
            self.clk25, self.button = Signal(name="clk25_i"), Signal(name="button_i")
            self.sdram_clk = Signal(name="sdram_clk")
            self.clock_domains.cd_sys2x = ClockDomain("sys2x")
            self.clock_domains.cd_sys2x_ps = ClockDomain("sys2x_ps")
            self.submodules.pll = pll = ECP5PLL()
            self.comb += pll.reset.eq(self.button)
            pll.register_clkin(self.clk25, BOARD_CLOCK)
            pll.create_clkout(self.cd_sys, clock)
            pll.create_clkout(self.cd_sys2x, 2 * clock)
            pll.create_clkout(self.cd_sys2x_ps, 2 * clock, phase=180)  # the chip samples in the middle of its cycle
            self.specials += DDROutput(1, 0, self.sdram_clk, ClockSignal("sys2x_ps"))
            self.submodules.phy = Registered(HalfRateGENSDRPHY(self.pads, clock))
            self.ios = {self.clk25, self.button, self.sdram_clk} | self.pads.all()
        self.submodules.core = core = LiteDRAMCore(self.phy, module.geom_settings, module.timing_settings, clock)
        self.submodules.set_up = set_up = SetUp(core, self.phy.settings, module.timing_settings)
        self.comb += [self.clk_o.eq(ClockSignal("sys")), self.rst_no.eq(~ResetSignal("sys") & set_up.done), self.done_o.eq(set_up.done)]
        self.ios |= {self.clk_o, self.rst_no, self.done_o}
        for name in ("core", "host"):
            self.add_port(name, core.crossbar.get_port())

    def add_port(self, name, port):
        for signal, pin, is_input in [
                (port.cmd.valid, "cmd_valid_i", True), (port.cmd.ready, "cmd_ready_o", False), (port.cmd.we, "cmd_we_i", True),
                (port.cmd.addr, "cmd_addr_i", True), (port.wdata.ready, "wdata_ready_o", False), (port.wdata.data, "wdata_i", True),
                (port.wdata.we, "wstrb_i", True), (port.rdata.valid, "rdata_valid_o", False), (port.rdata.data, "rdata_o", False)]:
            outside = Signal(len(signal), name=f"{name}_{pin}")
            self.comb += signal.eq(outside) if is_input else outside.eq(signal)
            self.ios.add(outside)


def main():
    target, clock_khz, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    memory = Memory(target, clock_khz * 1000)
    overrides = {} if target == "model" else lattice_ecp5_special_overrides
    verilog = convert(memory, memory.ios, name="sterna_sdram", special_overrides=overrides)
    for name in verilog.data_files:
        sys.exit(f"sdram.py: LiteDRAM wants a file beside the Verilog, {name}, which this does not write")
    # What is complete gets the name.
    with open(f"{out}.part", "w") as file:
        file.write(verilog.main_source)
    os.replace(f"{out}.part", out)


if __name__ == "__main__":
    main()
