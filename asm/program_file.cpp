// SPDX-License-Identifier: Apache-2.0
#include "asm/program_file.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "asm/data_file.h"
#include "asm/words.h"
#include "support/disguise.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::assembly {
namespace {

constexpr std::string_view kMagic = "STERNAPR";
constexpr std::size_t kFactsBytes = 3 * sizeof(std::uint32_t);  // version, count, entry
constexpr std::size_t kHeaderBytes = kMagic.size() + kFactsBytes + sizeof(std::uint32_t);
constexpr std::size_t kInstructionBytes = kInstructionBits / 8;

}  // namespace

bool looks_like_program(std::span<const std::byte> file) {
  return file.size() >= kMagic.size() &&
         std::equal(kMagic.begin(), kMagic.end(), file.begin(),
                    [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

Program parse_program(std::span<const std::byte> file, const std::string& name) {
  if (!looks_like_program(file)) {
    throw Error("{}: not an assembled Sterna program{}", name, found_instead(file));
  }
  if (file.size() < kHeaderBytes) {
    throw Error("{}: truncated: {} bytes, the header alone has {}", name, file.size(),
                kHeaderBytes);
  }
  const std::span<const std::byte> facts = file.subspan(kMagic.size(), kFactsBytes);
  const std::uint32_t version = get_word(facts, 0);
  const std::uint64_t count = get_word(facts, 4);
  const std::uint32_t entry = get_word(facts, 8);
  const std::uint32_t crc = get_word(file, kHeaderBytes - 4);
  if (version < kOldestVersion || version > kIsaVersion) {
    throw Error("{}: for ISA version {}, this is version {}", name, version, kIsaVersion);
  }
  const std::span<const std::byte> body = file.subspan(kHeaderBytes);
  const std::uint64_t code_bytes = count * kInstructionBytes;
  if (body.size() < code_bytes) {
    throw Error("{}: {} instructions need {} bytes, {} are there", name, count, code_bytes,
                body.size());
  }
  const std::span<const std::byte> code = body.first(code_bytes), data = body.subspan(code_bytes);
  if (const std::uint32_t found = crc32(code, crc32(facts)); found != crc) {
    throw Error("{}: damaged: checksum is 0x{:08x}, the header says 0x{:08x}", name, found, crc);
  }
  if (entry >= std::max<std::uint64_t>(count, 1)) {
    throw Error("{}: the entry is {}, the program has {} instructions", name, entry, count);
  }
  Program program;
  program.entry = entry;
  program.instructions.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t word = 0; word < 4; ++word) {
      program.instructions[i].words[word] = get_word(code, i * kInstructionBytes + 4 * word);
    }
  }
  if (!data.empty()) program.data = parse_data(data, name);
  return program;
}

Program read_program(const std::filesystem::path& path) {
  const MappedFile file(path);
  return parse_program(file.bytes(), path.string());
}

std::vector<std::byte> program_bytes(const Program& program) {
  std::vector<std::byte> facts;
  put_word(facts, kIsaVersion);
  put_word(facts, static_cast<std::uint32_t>(program.instructions.size()));
  put_word(facts, program.entry);
  std::vector<std::byte> body;
  for (const Instruction& instruction : program.instructions) {
    for (const std::uint32_t word : instruction.words) put_word(body, word);
  }
  std::vector<std::byte> file;
  for (const char c : kMagic) file.push_back(static_cast<std::byte>(c));
  file.insert(file.end(), facts.begin(), facts.end());
  put_word(file, crc32(body, crc32(facts)));
  file.insert(file.end(), body.begin(), body.end());
  append_data(file, program.data);
  return file;
}

void write_program(const std::filesystem::path& path, const Program& program) {
  write_file_atomically(path, program_bytes(program));
}

std::string readmemh_text(const Program& program) {
  std::string text;
  for (const Instruction& instruction : program.instructions) {
    const auto& w = instruction.words;
    fmt::format_to(std::back_inserter(text), "{:08x}{:08x}{:08x}{:08x}\n", w[3], w[2], w[1], w[0]);
  }
  return text;
}

}  // namespace sterna::assembly
