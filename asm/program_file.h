// SPDX-License-Identifier: Apache-2.0
// prog.bin: an assembled program in a file.
//
// Little endian: the 8 characters "STERNAPR", then 32-bit words: ISA version, number of
// instructions, entry (address of the first instruction to run), CRC-32 of the three words before
// it and of the instructions; then the instructions, 16 bytes each, bit 0 first. Of a program that
// carries data the section of asm/data_file.h follows; files without it are as they were before
// there was data.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "asm/program_data.h"
#include "isa/instruction.h"

namespace sterna::assembly {

struct Program {
  std::vector<Instruction> instructions;
  std::uint32_t entry = 0;  // address of the first instruction to run
  ProgramData data{};

  bool operator==(const Program&) const = default;
};

// Throw Error, naming the file and what is wrong, when it is no program, is damaged or needs a
// newer ISA.
Program read_program(const std::filesystem::path& path);
// The same from memory; `name` is for the messages.
Program parse_program(std::span<const std::byte> file, const std::string& name);
bool looks_like_program(std::span<const std::byte> file);

void write_program(const std::filesystem::path& path, const Program& program);
std::vector<std::byte> program_bytes(const Program& program);

// For the instruction ROM's $readmemh: one instruction a line, 32 hexadecimal digits, most
// significant first.
std::string readmemh_text(const Program& program);

}  // namespace sterna::assembly
