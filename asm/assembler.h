// Assembly source to program. The language is in docs/tutorial.md, the instructions in docs/isa.md.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "asm/program_file.h"
#include "host/support/error.h"

namespace sterna {

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

struct Assembly {
  Program program;
  std::vector<ListingLine> listing;  // one for each instruction
};

// Gives the text of a file that `.include` names; throws Error when it cannot.
using SourceReader = std::function<std::string(const std::filesystem::path& path)>;

// Throw AssemblyError with every error that was found, or Error when the file itself cannot be
// read.
Assembly assemble_file(const std::filesystem::path& path);
// `name` stands in the messages, and `.include` is relative to its folder.
Assembly assemble_text(std::string text, const std::string& name, const SourceReader& reader);

// "address encoding file:line source", an instruction a line.
std::string listing_text(const Assembly& assembly);

// A program from either form: an assembled prog.bin, or else assembly source.
Program load_program(const std::filesystem::path& path);

}  // namespace sterna
