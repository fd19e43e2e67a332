// SPDX-License-Identifier: Apache-2.0
// Assembly source to program. The language is in docs/assembly.md, the instructions in docs/isa.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "asm/program_file.h"
#include "asm/source.h"
#include "support/error.h"

namespace sterna::assembly {

// All that is wrong with a source; what() is the diagnostics as a person should see them.
class AssemblyError : public Error {
 public:
  using Error::Error;
};

struct ListingLine {
  std::string file;
  unsigned line = 0;
  std::string source;
};

struct Label {
  std::string name;
  std::uint32_t address = 0;  // of an instruction
};

struct Assembly {
  Program program;
  std::vector<ListingLine> listing;  // one for each instruction
  std::vector<Label> labels;         // in the order of the source
};

// Throw AssemblyError with every error that was found, or Error when the file itself cannot be
// read.
Assembly assemble_file(const std::filesystem::path& path);
// `name` stands in the messages, and `.include` and `file` are relative to its folder.
Assembly assemble_text(std::string text, const std::string& name, const SourceReader& reader);

// "address encoding file:line source", an instruction a line; then where the data lies.
std::string listing_text(const Assembly& assembly);

// A program from either form: assembly source or, without listing and labels, an assembled
// prog.bin.
Assembly load_assembly(const std::filesystem::path& path);
Program load_program(const std::filesystem::path& path);

}  // namespace sterna::assembly
