#include "asm/isagen/emit.h"

namespace sterna::isagen {

std::vector<GeneratedFile> generated_files(const Definition& isa) {
  const RomTable sigmoid = sigmoid_table();
  const RomTable exp2 = exp2_table();
  return {
      {"asm/generated/isa.h", emit_cpp_header(isa)},
      {"asm/generated/kernel.h", emit_kernel_header(isa)},
      {"asm/generated/tables.h", emit_tables_header(sigmoid, exp2)},
      {"rtl/generated/sterna_isa_pkg.sv", emit_sv_package(isa)},
      {"rtl/generated/sigmoid_rom.sv", emit_sv_rom(sigmoid)},
      {"rtl/generated/exp2_rom.sv", emit_sv_rom(exp2)},
      {"docs/isa.md", emit_docs(isa)},
  };
}

}  // namespace sterna::isagen
