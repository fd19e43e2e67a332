// What comes from the [kernel] table: the host's header.
#include "asm/isagen/emit.h"
#include "asm/isagen/text.h"

namespace sterna::isagen {

std::string emit_kernel_header(const Definition& isa) {
  const KernelDef& kernel = isa.kernel;
  Text out;
  out.line(
      "// Generated from asm/isa.toml by isagen (`make generate`): edit that file, not this one.");
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

}  // namespace sterna::isagen
