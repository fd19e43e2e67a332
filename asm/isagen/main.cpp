// isagen: asm/isa.toml -> the SystemVerilog package and ROMs, the C++ headers and docs/isa.md.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "asm/isagen/emit.h"
#include "host/support/error.h"
#include "host/support/files.h"

namespace {

namespace fs = std::filesystem;
using namespace sterna::isagen;

void generate(const fs::path& definition, const fs::path& root) {
  const Definition isa = read_definition(definition);
  const RomTable sigmoid = sigmoid_table();
  const RomTable exp2 = exp2_table();
  const std::vector<std::pair<fs::path, std::string>> files = {
      {"asm/generated/isa.h", emit_cpp_header(isa)},
      {"asm/generated/tables.h", emit_tables_header(sigmoid, exp2)},
      {"rtl/generated/sterna_isa_pkg.sv", emit_sv_package(isa)},
      {"rtl/generated/sigmoid_rom.sv", emit_sv_rom(sigmoid)},
      {"rtl/generated/exp2_rom.sv", emit_sv_rom(exp2)},
      {"docs/isa.md", emit_docs(isa)},
  };
  for (const auto& [name, text] : files) {
    const fs::path path = root / name;
    // An unchanged file keeps its time, so that nothing is rebuilt for it.
    if (fs::exists(path) && sterna::read_text_file(path) == text) continue;
    fs::create_directories(path.parent_path());
    sterna::write_file_atomically(path, text);
    std::printf("isagen: wrote %s\n", path.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: isagen isa.toml ROOT\n");
    return 2;
  }
  try {
    generate(argv[1], argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "isagen: %s\n", error.what());
    return 1;
  }
}
