// SPDX-License-Identifier: Apache-2.0
// The definition and what is generated from it: nothing stale, nothing overlapping.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "isa/generator/emit.h"
#include "support/error.h"
#include "support/files.h"

namespace sterna::isagen {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = STERNA_SOURCE_DIR;

TEST(Isagen, CommittedFilesAreWhatTheDefinitionGives) {
  const Definition isa = read_definition(kRoot / "isa/isa.toml");
  const auto configurations = read_configurations(kRoot / "rtl/config", isa);
  for (const GeneratedFile& file : generated_files(isa, configurations)) {
    EXPECT_EQ(read_text_file(kRoot / file.path), file.text)
        << file.path << " is stale: run `make generate`";
  }
}

struct BadDefinition {
  const char* name;
  const char* find;  // in isa/isa.toml, first occurrence
  const char* replace;
  const char* message;  // part of what isagen says, with the file and the line of the replaced text
                        // before it
};

class IsagenRejects : public testing::TestWithParam<BadDefinition> {};

TEST_P(IsagenRejects, WithFileAndLine) {
  const BadDefinition& bad = GetParam();
  std::string text = read_text_file(kRoot / "isa/isa.toml");
  const std::size_t at = text.find(bad.find);
  ASSERT_NE(at, std::string::npos);
  const auto first = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  text.replace(at, std::string(bad.find).size(), bad.replace);

  const fs::path path =
      fs::temp_directory_path() / fmt::format("sterna_isa_{}_{}.toml", bad.name, ::getpid());
  write_file_atomically(path, text);
  std::string message;
  try {
    read_definition(path);
  } catch (const Error& error) {
    message = error.what();
  }
  fs::remove(path);
  EXPECT_NE(message.find(bad.message), std::string::npos) << message;
  EXPECT_TRUE(message.starts_with(fmt::format("{}:{}: ", path.string(), first + 1))) << message;
}

INSTANTIATE_TEST_SUITE_P(
    Definitions, IsagenRejects,
    testing::Values(
        BadDefinition{"field_overlap", "lsb = 12\n", "lsb = 11\n",
                      "bit 11 of field va is already taken by field vd"},
        BadDefinition{"field_beyond", "lsb = 96\nbits = 32", "lsb = 120\nbits = 16",
                      "beyond the 128 bits"},
        BadDefinition{"field_crosses", "lsb = 24\nbits = 4", "lsb = 30\nbits = 4",
                      "crosses a 32-bit word"},
        BadDefinition{"field_name", "name = \"va\"", "name = \"vd\"",
                      "the name of field vd is already taken"},
        BadDefinition{"opcode_overlap", "opcode = 0x11", "opcode = 0x10",
                      "opcode 0x10 of SV is already taken by LDV"},
        BadDefinition{"opcode_large", "opcode = 0x11", "opcode = 0x111",
                      "'opcode' is 273, must be in 0..255"},
        BadDefinition{"opcode_unit", "opcode = 0x11", "opcode = 0x21",
                      "is not the code of unit LSU"},
        BadDefinition{"mnemonic", "mnemonic = \"SV\"", "mnemonic = \"LDV\"",
                      "is already taken by instruction LDV"},
        BadDefinition{"operand", "[\"vd\", \"va\", \"vb\", \"len\"]", "[\"vd\", \"ve\"]",
                      "unknown operand 've'"},
        BadDefinition{"operand_twice", "[\"vd\", \"va\", \"vb\", \"len\"]", "[\"vd\", \"vd\"]",
                      "'vd' is named twice"},
        BadDefinition{"imm_kind", "imm_kind = \"fix\"", "imm_kind = \"float\"",
                      "must be one of fix, eps, scale, raw"},
        BadDefinition{"result", "result = \"fix\"", "result = \"float\"",
                      "'result' must be one of fix, q8, rows, list"},
        BadDefinition{
            "result_of_nothing", "access = \"vector\"\ncycles = \"W +",
            "result = \"fix\"\naccess = \"vector\"\ncycles = \"W +",
            "SV: 'result' must be one of fix, q8, rows, list, path for an instruction with vd, "
            "and absent for one without"},
        BadDefinition{"memory_access", "access = \"row\"", "access = \"column\"",
                      "EMB: 'access' must be one of vector, row, matrix"},
        BadDefinition{"chain", "imm_kind = \"fix\"\nresult = \"fix\"",
                      "chain = true\nimm_kind = \"fix\"\nresult = \"fix\"",
                      "SET: 'chain' needs a source"},
        BadDefinition{"scale_of_another_unit", "result = \"fix\"\naccess = \"row\"",
                      "result = \"q8\"\naccess = \"row\"",
                      "EMB: unit LSU writes no scale, which q8 needs"},
        BadDefinition{"trees", "trees = \"rows\"", "trees = \"off\"",
                      "FFFIN: 'trees' must be one of len, rows"},
        BadDefinition{"trees_twice", "trees = \"rows\"", "trees = \"len\"",
                      "field len is an operand already"},
        BadDefinition{"capability", "capability = \"FFF\"", "capability = \"STATUS\"",
                      "'STATUS' is no capability register"},
        BadDefinition{"oldest_version", "oldest_version = 3", "oldest_version = 9",
                      "'oldest_version' is above 'version'"},
        BadDefinition{"unit_place", "place = \"lane\"", "place = \"lanes\"",
                      "must be lane, shared or router"},
        BadDefinition{"unit_scale", "scale = \"reads\"", "scale = \"writes\"",
                      "'writes' of unit TMM is already taken by unit RMS"},
        BadDefinition{"unit_buses", "buses = \"RMS\"", "buses = \"RPM\"",
                      "no unit 'RPM' above it has buses of its own"},
        BadDefinition{"unit_code", "code = 2\nplace", "code = 1\nplace",
                      "the code of unit ROW is already taken by unit LSU"},
        BadDefinition{"unit_unknown", "unit = \"CTL\"", "unit = \"CTRL\"", "unknown unit 'CTRL'"},
        BadDefinition{"status_code", "code = 5\ndoc = \"The program",
                      "code = 4\ndoc = \"The program", "already taken by status WRITE_ERROR"},
        BadDefinition{"register_overlap", "offset = 0x250", "offset = 0x240",
                      "offset 0x240 of register ROM_ADDR is already taken by register STATUS"},
        BadDefinition{"register_array", "offset = 0x110", "offset = 0x10c",
                      "register SEG_LANE_STRIDE"},
        BadDefinition{"register_unaligned", "offset = 0x250", "offset = 0x252",
                      "not on a 32-bit word"},
        BadDefinition{"register_beyond", "offset = 0x250", "offset = 0x1000", "must be in 0..4092"},
        BadDefinition{"access", "access = \"wo\"", "access = \"xx\"", "must be rw, ro or wo"},
        BadDefinition{"kernel_channels", "channels = [1, 2, 4, 8]", "channels = [1, 17]",
                      "must be whole numbers in 1..16"},
        BadDefinition{"kernel_channels_twice", "channels = [1, 2, 4, 8]", "channels = [4, 4]",
                      "the number of channels 4 is already taken"},
        BadDefinition{"kernel_register", "register = \"ENTRY\"", "register = \"EXIT\"",
                      "unknown register 'EXIT'"},
        BadDefinition{"kernel_access", "register = \"ENTRY\"", "register = \"STATUS\"",
                      "is not rw"},
        BadDefinition{"kernel_below", "register = \"ENTRY\"", "register = \"GIE\"",
                      "lies below 0x10"},
        BadDefinition{"kernel_array", "register = \"ENTRY\"", "register = \"TOKEN\"",
                      "is an array, which does not go with no 'per'"},
        BadDefinition{"kernel_segments", "register = \"SEG_SIZE\"\nper",
                      "register = \"TOKEN\"\nper", "has 64 elements for 16 segments"},
        BadDefinition{"kernel_pointer", "register = \"SEG_BASE_LO\"",
                      "register = \"SEG_LANE_STRIDE\"", "has no high word"},
        BadDefinition{"kernel_overlap", "register = \"SEG_SIZE\"\nper",
                      "register = \"SEG_BASE_HI\"\nper",
                      "offset 0x014 of argument seg0_size is already taken by argument seg0_base"},
        BadDefinition{"kernel_type", "type = \"pointer\"", "type = \"void*\"",
                      "must be pointer or uint"},
        BadDefinition{"kernel_per", "per = \"lane\"", "per = \"line\"", "must be segment or lane"},
        BadDefinition{"kernel_mark", "name = \"token#\"", "name = \"token\"",
                      "has '#' in its name when"},
        BadDefinition{"kernel_parameter", "name = \"VecLen\"", "name = \"Lanes\"",
                      "the name of parameter Lanes is already taken"},
        BadDefinition{"unknown_key", "distinct = true", "distnict = true",
                      "unknown key 'distnict'"},
        BadDefinition{"missing_key",
                      "[[register]]\nname = \"CTRL\"\noffset = 0x000\naccess = \"rw\"",
                      "[[register]]\nname = \"CTRL\"\noffset = 0x000", "'access' is missing"},
        BadDefinition{"wrong_type", "lsb = 12\n", "lsb = \"12\"\n", "must be a whole number"},
        BadDefinition{"syntax", "lsb = 12\n", "lsb = = 12\n", ""}),
    [](const testing::TestParamInfo<BadDefinition>& bad) { return std::string(bad.param.name); });

TEST(Isagen, CountersMustNotRunIntoRegisters) {
  std::string text = read_text_file(kRoot / "isa/isa.toml");
  const std::string place = "[counters]\noffset = 0x400";
  ASSERT_NE(text.find(place), std::string::npos);
  text.replace(text.find(place), place.size(), "[counters]\noffset = 0x2f8");
  const fs::path path = fs::temp_directory_path() / fmt::format("sterna_isa_{}.toml", ::getpid());
  write_file_atomically(path, text);
  EXPECT_THROW(read_definition(path), Error);
  fs::remove(path);
}

struct BadConfiguration {
  const char* name;
  const char* line;
  const char* message;
};

class IsagenRejectsConfiguration : public testing::TestWithParam<BadConfiguration> {};

TEST_P(IsagenRejectsConfiguration, WithFileAndLine) {
  const fs::path folder =
      fs::temp_directory_path() / fmt::format("sterna_config_{}_{}", GetParam().name, ::getpid());
  fs::create_directories(folder);
  write_file_atomically(folder / "bad.f", fmt::format("// A comment.\n{}\n", GetParam().line));
  std::string message;
  try {
    read_configurations(folder, read_definition(kRoot / "isa/isa.toml"));
  } catch (const Error& error) {
    message = error.what();
  }
  fs::remove_all(folder);
  EXPECT_EQ(message, fmt::format("{}/bad.f:2: {}", folder.string(), GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Configurations, IsagenRejectsConfiguration,
    testing::Values(
        BadConfiguration{"line", "+define+X", "'+define+X' is not -GPARAMETER=NUMBER"},
        BadConfiguration{"number", "-GLanes=many", "'-GLanes=many' is not -GPARAMETER=NUMBER"},
        BadConfiguration{"unknown", "-GLaness=2",
                         "the [kernel] table of isa/isa.toml has no parameter 'Laness'"},
        BadConfiguration{"channels", "-GChannels=3",
                         "the [kernel] table of isa/isa.toml has no wrapper for 3 channels"}),
    [](const testing::TestParamInfo<BadConfiguration>& bad) {
      return std::string(bad.param.name);
    });

}  // namespace
}  // namespace sterna::isagen
