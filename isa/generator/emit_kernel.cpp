// SPDX-License-Identifier: Apache-2.0
// What comes from the [kernel] table: the host's header, and for each configuration the kernel.xml
// and the list that packaging reads.
#include "isa/generator/emit.h"
#include "isa/generator/text.h"

namespace sterna::isagen {
namespace {

const char* const kControlPort = "s_axi_control";

std::string memory_port(unsigned channel) { return fmt::format("m_axi_gmem{}", channel); }

// The port that an argument is about: a pointer's is that of its segment's bank.
std::string port_of(const KernelArgumentDef& argument, const ConfigurationDef& configuration) {
  return argument.pointer ? memory_port(argument.segment.value_or(0) % configuration.channels)
                          : kControlPort;
}

std::vector<KernelArgumentDef> arguments_of(const Definition& isa,
                                            const ConfigurationDef& configuration) {
  std::vector<KernelArgumentDef> arguments;
  for (const KernelArgumentDef& argument : isa.kernel.arguments) {
    if (argument.lane.value_or(0) < configuration.value("Lanes")) arguments.push_back(argument);
  }
  return arguments;
}

std::string vlnv(const Definition& isa) {
  return fmt::format("sterna:kernel:{0}:1.0", isa.kernel.name);
}

}  // namespace

std::string emit_kernel_header(const Definition& isa) {
  const KernelDef& kernel = isa.kernel;
  Text out;
  out.line(
      "// Generated from isa/isa.toml by isagen (`make generate`): edit that file, not this one.");
  out.line("// clang-format off");
  out.line("#pragma once");
  out.line("");
  out.line("#include <array>");
  out.line("#include <cstdint>");
  out.line("#include <string_view>");
  out.line("");
  out.line("namespace sterna {{");
  out.line("");
  out.line("// The design as a Vitis kernel.");
  out.line("inline constexpr std::string_view kKernelName = \"{}\";", kernel.name);
  out.line("inline constexpr std::string_view kKernelControlPort = \"s_axi_control\";");
  out.line(
      "inline constexpr std::string_view kKernelMemoryPort = \"m_axi_gmem\";  // and the channel's "
      "number");
  out.line("");
  out.line(
      "// Memory segment s lives in the bank of this channel, and so behind port "
      "m_axi_gmem<channel>.");
  out.line(
      "constexpr std::uint32_t segment_channel(std::uint32_t segment, std::uint32_t channels) {{");
  out.line("  return segment % channels;");
  out.line("}}");
  out.line("");
  out.line("struct KernelArgument {{");
  out.line("  std::string_view name;");
  out.line("  std::uint32_t offset = 0;  // of its first control register");
  out.line("  std::uint32_t bytes = 0;   // 8 for a pointer, 4 for a scalar");
  out.line("  bool is_pointer = false;   // the address of a segment's buffer");
  out.line("  int segment = -1;          // whose argument it is; -1: no segment's");
  out.line("  int lane = -1;             // likewise; a build lacks those of lanes that it lacks");
  out.line("}};");
  out.line(
      "// In the order of their numbers, which is that of the offsets; those of the lanes come "
      "last.");
  out.line("inline constexpr std::array<KernelArgument, {}> kKernelArguments = {{{{",
           kernel.arguments.size());
  for (const KernelArgumentDef& argument : kernel.arguments) {
    out.line("    {{\"{}\", 0x{:03x}, {}, {}, {}, {}}},", argument.name, argument.offset,
             argument.bytes, argument.pointer,
             argument.segment ? static_cast<int>(*argument.segment) : -1,
             argument.lane ? static_cast<int>(*argument.lane) : -1);
  }
  out.line("}}}};");
  out.line("");
  out.line("}}  // namespace sterna");
  return out.take();
}

std::string emit_kernel_xml(const Definition& isa, const ConfigurationDef& configuration) {
  Text out;
  out.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
  out.line("<!-- Generated from isa/isa.toml and rtl/config/{}.f by isagen (`make generate`). -->",
           configuration.name);
  out.line("<root versionMajor=\"1\" versionMinor=\"9\">");
  out.line(
      "  <kernel name=\"{}\" language=\"ip\" vlnv=\"{}\" attributes=\"\" "
      "preferredWorkGroupSizeMultiple=\"0\" workGroupSize=\"1\" interrupt=\"true\" "
      "hwControlProtocol=\"ap_ctrl_hs\">",
      isa.kernel.name, vlnv(isa));
  out.line("    <ports>");
  out.line(
      "      <port name=\"{}\" mode=\"slave\" range=\"0x{:x}\" dataWidth=\"32\" "
      "portType=\"addressable\" base=\"0x0\"/>",
      kControlPort, kRegisterMapBytes);
  for (unsigned channel = 0; channel < configuration.channels; ++channel) {
    out.line(
        "      <port name=\"{}\" mode=\"master\" range=\"0xFFFFFFFFFFFFFFFF\" dataWidth=\"{}\" "
        "portType=\"addressable\" base=\"0x0\"/>",
        memory_port(channel), configuration.value("BeatBits"));
  }
  out.line("    </ports>");
  out.line("    <args>");
  unsigned id = 0;
  for (const KernelArgumentDef& argument : arguments_of(isa, configuration)) {
    out.line(
        "      <arg name=\"{}\" addressQualifier=\"{}\" id=\"{}\" port=\"{}\" size=\"0x{:x}\" "
        "offset=\"0x{:03x}\" hostOffset=\"0x0\" hostSize=\"0x{:x}\" type=\"{}\"/>",
        argument.name, argument.pointer ? 1 : 0, id++, port_of(argument, configuration),
        argument.bytes, argument.offset, argument.bytes, argument.pointer ? "void*" : "uint");
  }
  out.line("    </args>");
  out.line("  </kernel>");
  out.line("</root>");
  return out.take();
}

std::string emit_kernel_tcl(const Definition& isa, const ConfigurationDef& configuration) {
  Text out;
  out.line("# Generated from isa/isa.toml and rtl/config/{}.f by isagen (`make generate`).",
           configuration.name);
  out.line("namespace eval kernel {{");
  out.line("  variable name {}", isa.kernel.name);
  out.line("  variable vlnv {}", vlnv(isa));
  out.line("  variable top {}", kernel_module(configuration.channels));
  out.line("  variable clock_khz {}", configuration.value("ClockKhz"));
  out.line("  variable control {{{} 0x{:x}}}  ;# port, bytes of its map", kControlPort,
           kRegisterMapBytes);
  std::string ports;
  for (unsigned channel = 0; channel < configuration.channels; ++channel) {
    ports += (channel == 0 ? "" : " ") + memory_port(channel);
  }
  out.line("  variable memory {{{}}}  ;# ports, in the order of the channels", ports);
  out.line("  variable parameters {{");
  for (const KernelParameterDef& parameter : configuration.values) {
    out.line("    {} {}", parameter.name, parameter.value);
  }
  out.line("  }}");
  out.line("  # Registers: name, offset, bits, memory port of a pointer's bank.");
  out.line("  variable registers {{");
  for (const RegisterDef& reg : isa.registers) {
    if (reg.offset < kFirstArgument) out.line("    {{{} 0x{:03x} 32 {{}}}}", reg.name, reg.offset);
  }
  for (const KernelArgumentDef& argument : arguments_of(isa, configuration)) {
    out.line("    {{{} 0x{:03x} {} {}}}", argument.name, argument.offset, argument.bytes * 8,
             argument.pointer ? port_of(argument, configuration) : "{}");
  }
  out.line("  }}");
  out.line("}}");
  return out.take();
}

}  // namespace sterna::isagen
