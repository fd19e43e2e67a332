// SPDX-License-Identifier: Apache-2.0
// isagen: isa/isa.toml -> the SystemVerilog package and ROMs, the C++ headers and docs/isa.md;
// with rtl/config, what a board's tools need.
#include <cstdio>
#include <exception>
#include <filesystem>

#include "isa/generator/emit.h"
#include "support/error.h"
#include "support/files.h"

namespace {

namespace fs = std::filesystem;
using namespace sterna::isagen;

void generate(const fs::path& definition, const fs::path& root) {
  const Definition isa = read_definition(definition);
  const auto configurations = read_configurations(root / "rtl/config", isa);
  for (const GeneratedFile& file : generated_files(isa, configurations)) {
    const fs::path path = root / file.path;
    // An unchanged file keeps its time, so that nothing is rebuilt for it.
    if (fs::exists(path) && sterna::read_text_file(path) == file.text) continue;
    fs::create_directories(path.parent_path());
    sterna::write_file_atomically(path, file.text);
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
