// SPDX-License-Identifier: Apache-2.0
// The kernel's top: sterna_top with its flat vectors cut into one named AXI4 port a channel, which
// is what Vivado takes for a bus. It is Verilog (2001), because Vivado packages no SystemVerilog
// top.
#include <algorithm>
#include <array>

#include "isa/generator/emit.h"
#include "isa/generator/text.h"

namespace sterna::isagen {
namespace {

struct Signal {
  const char* name;
  bool output;       // of the kernel
  const char* bits;  // an expression over the parameters; "" for one bit
};

constexpr std::array kControl = {
    Signal{"awaddr", false, "12"}, Signal{"awvalid", false, ""},  Signal{"awready", true, ""},
    Signal{"wdata", false, "32"},  Signal{"wstrb", false, "4"},   Signal{"wvalid", false, ""},
    Signal{"wready", true, ""},    Signal{"bresp", true, "2"},    Signal{"bvalid", true, ""},
    Signal{"bready", false, ""},   Signal{"araddr", false, "12"}, Signal{"arvalid", false, ""},
    Signal{"arready", true, ""},   Signal{"rdata", true, "32"},   Signal{"rresp", true, "2"},
    Signal{"rvalid", true, ""},    Signal{"rready", false, ""},
};

constexpr std::array kMemory = {
    Signal{"awid", true, "2"},           Signal{"awaddr", true, "64"},
    Signal{"awlen", true, "8"},          Signal{"awsize", true, "3"},
    Signal{"awburst", true, "2"},        Signal{"awvalid", true, ""},
    Signal{"awready", false, ""},        Signal{"wdata", true, "BeatBits"},
    Signal{"wstrb", true, "BeatBits/8"}, Signal{"wlast", true, ""},
    Signal{"wvalid", true, ""},          Signal{"wready", false, ""},
    Signal{"bid", false, "2"},           Signal{"bresp", false, "2"},
    Signal{"bvalid", false, ""},         Signal{"bready", true, ""},
    Signal{"arid", true, "2"},           Signal{"araddr", true, "64"},
    Signal{"arlen", true, "8"},          Signal{"arsize", true, "3"},
    Signal{"arburst", true, "2"},        Signal{"arvalid", true, ""},
    Signal{"arready", false, ""},        Signal{"rid", false, "2"},
    Signal{"rdata", false, "BeatBits"},  Signal{"rresp", false, "2"},
    Signal{"rlast", false, ""},          Signal{"rvalid", false, ""},
    Signal{"rready", true, ""},
};

std::string declaration(const std::string& port, const Signal& signal) {
  const std::string bits = signal.bits;
  std::string range;
  if (!bits.empty()) {
    const bool number =
        std::all_of(bits.begin(), bits.end(), [](char c) { return c <= '9' && c >= '0'; });
    range = number ? fmt::format("[{}:0]", std::stoul(bits) - 1) : fmt::format("[{}-1:0]", bits);
  }
  return fmt::format("  {} wire {:<16} {}_{}", signal.output ? "output" : "input ", range, port,
                     signal.name);
}

}  // namespace

std::string kernel_module(unsigned channels) { return fmt::format("sterna_kernel_{}", channels); }

std::string emit_kernel_wrapper(const Definition& isa, unsigned channels) {
  Text out;
  out.line(
      "// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.");
  out.line("//");
  out.line(
      "// The Vitis kernel {} with {} memory port{}: sterna_top, with a named AXI4 port a channel.",
      isa.kernel.name, channels, channels == 1 ? "" : "s");
  out.line("module {} #(", kernel_module(channels));
  const std::vector<KernelParameterDef>& parameters = isa.kernel.parameters;
  std::size_t width = 0;
  for (const KernelParameterDef& p : parameters) width = std::max(width, p.name.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string value =
        fmt::format("{}{}", parameters[i].value, i + 1 < parameters.size() ? "," : "");
    out.line("  parameter integer {:<{}} = {:<8} // {}", parameters[i].name, width, value,
             parameters[i].doc);
  }
  out.line(") (");
  out.line("  input  wire                  ap_clk,");
  out.line("  input  wire                  ap_rst_n,");
  out.line("  /* verilator lint_off SYMRSVDWORD */");
  out.line("  output wire                  interrupt,");
  out.line("  /* verilator lint_on SYMRSVDWORD */");
  out.line("");
  for (const Signal& signal : kControl) out.line("{},", declaration("s_axi_control", signal));
  for (unsigned channel = 0; channel < channels; ++channel) {
    out.line("");
    for (const Signal& signal : kMemory) {
      const bool last = channel + 1 == channels && &signal == &kMemory.back();
      out.line("{}{}", declaration(fmt::format("m_axi_gmem{}", channel), signal), last ? "" : ",");
    }
  }
  out.line(");");
  out.line("");
  out.line("  sterna_top #(");
  for (const KernelParameterDef& p : parameters)
    out.line("    .{:<{}}({}),", p.name, width, p.name);
  out.line("    .{:<{}}({})", "Channels", width, channels);
  out.line("  ) u_top (");
  for (const char* name : {"ap_clk", "ap_rst_n", "interrupt"}) out.line("    .{0:<21}({0}),", name);
  for (const Signal& signal : kControl) {
    out.line("    .s_axi_control_{0:<7}(s_axi_control_{0}),", signal.name);
  }
  for (const Signal& signal : kMemory) {
    std::string parts;
    for (unsigned channel = channels; channel-- > 0;) {
      parts += fmt::format("{}m_axi_gmem{}_{}", parts.empty() ? "" : ", ", channel, signal.name);
    }
    if (channels > 1) parts = fmt::format("{{{}}}", parts);
    out.line("    .m_axi_{:<15}({}),", signal.name, parts);
  }
  out.line("    /* verilator lint_off PINCONNECTEMPTY */");
  for (const char* trace : {"issue_o", "issue_pc_o", "retire_o"})
    out.line("    .trace_{:<15}(),", trace);
  out.line("    .trace_retire_pc_o    ()  // the trace is for simulation");
  out.line("    /* verilator lint_on PINCONNECTEMPTY */");
  out.line("  );");
  out.line("");
  out.line("endmodule");
  return out.take();
}

}  // namespace sterna::isagen
