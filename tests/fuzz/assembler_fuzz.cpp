// SPDX-License-Identifier: Apache-2.0
// Any text either assembles or is refused with diagnostics; what assembles must survive the way
// through the program file and through the disassembler. Any bytes either are a program file or are
// refused with an Error.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "asm/assembler.h"
#include "asm/disassembler.h"
#include "support/error.h"

namespace {

// There are five files to include, so that nesting and cycles are reachable and the disk is not.
std::string included(const std::filesystem::path& path) {
  if (path == "a.inc") return ".equ A, 64\n";
  if (path == "b.inc") return ".include \"a.inc\"\n.equ B, A * 2\nlabel: HALT\n";
  if (path == "x.txt") return "1, 2\n-3 # three\n";
  if (path == "w.txt") return "+0-\n--0\n";
  if (path == "loop.inc") return ".include \"loop.inc\"\n";
  throw sterna::Error("{}: cannot open", path.string());
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "assembler_fuzz: %s\n", what);
  std::abort();
}

void check_program(const sterna::assembly::Program& program) {
  const auto bytes = sterna::assembly::program_bytes(program);
  require(sterna::assembly::parse_program(bytes, "bytes") == program,
          "the program file changes the program");
  const std::string source = sterna::assembly::disassemble(program);
  require(sterna::assembly::assemble_text(source, "disassembly", included).program == program,
          "asm(disasm(x)) differs from x");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 16) return 0;
  try {
    const std::string source(reinterpret_cast<const char*>(data), size);
    check_program(sterna::assembly::assemble_text(source, "input.s", included).program);
  } catch (const sterna::assembly::AssemblyError& error) {
    require(std::string_view(error.what()).find(": error: ") != std::string_view::npos,
            "an AssemblyError without diagnostics");
  }
  try {
    const auto bytes = std::as_bytes(std::span(data, size));
    check_program(sterna::assembly::parse_program(bytes, "input"));
  } catch (const sterna::assembly::AssemblyError&) {
    require(false, "a disassembly that does not assemble");
  } catch (const sterna::Error&) {
    // Refused with a message: what should happen to bytes that are no program.
  }
  return 0;
}
