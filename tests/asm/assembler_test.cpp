// SPDX-License-Identifier: Apache-2.0
// What sources mean, and what is said of those that mean nothing.
#include "asm/assembler.h"

#include <gtest/gtest.h>

#include <map>

#include "asm/immediates.h"
#include "isa/instruction.h"

namespace sterna::assembly {
namespace {

using Files = std::map<std::string, std::string>;

Assembly assemble(const std::string& source, const Files& files = {}) {
  return assemble_text(source, "dir/prog.s", [&](const std::filesystem::path& path) {
    const auto found = files.find(path.string());
    if (found == files.end()) throw Error("{}: cannot open", path.string());
    return found->second;
  });
}

std::string diagnostics(const std::string& source, const Files& files = {}) {
  try {
    assemble(source, files);
  } catch (const AssemblyError& error) {
    return error.what();
  }
  return "no error";
}

// The immediate of SET with this expression.
std::uint32_t value(const std::string& expression) {
  return assemble("SET v0, " + expression + ", 1").program.instructions.at(0).get(Field::kImm);
}

std::string value_error(const std::string& expression) {
  const std::string text = diagnostics(".equ x, " + expression);
  const std::string_view marker = ": error: ";
  const std::size_t at = text.find(marker);
  if (at == std::string::npos) return text;
  return text.substr(at + marker.size(), text.find('\n') - at - marker.size());
}

TEST(Assembler, EncodesEveryOperandKind) {
  const Program program = assemble(R"(
    # a comment
    LDV   v15, [b7 + 0x40], 8192   ; another
    emb   V2, [B1], 100            // and another
    GATE  v1, v2, v3, v4, 5
    NORM  v1, v2, v3, 4, eps(1e-6)
    TMatMul v1, v2, [b3 + 64 * 0xFFFFFFFF], 7, 9, scale(0.5)
    HALT)")
                              .program;
  ASSERT_EQ(program.instructions.size(), 6u);
  EXPECT_EQ(program.instructions[0].words,
            (std::array<std::uint32_t, 4>{0x07000F10, 0x2000, 1, 0}));
  EXPECT_EQ(program.instructions[1].words, (std::array<std::uint32_t, 4>{0x01000212, 100, 0, 0}));
  EXPECT_EQ(program.instructions[2].words, (std::array<std::uint32_t, 4>{0x00432127, 5, 0, 0}));
  EXPECT_EQ(program.instructions[3].words,
            (std::array<std::uint32_t, 4>{0x00032130, 4, 0, 1099512}));
  EXPECT_EQ(
      program.instructions[4].words,
      (std::array<std::uint32_t, 4>{0x03002140, 0x00070009, 0xFFFFFFFF, 24 << 24 | 0x800000}));
  EXPECT_EQ(program.instructions[5].words, (std::array<std::uint32_t, 4>{1, 0, 0, 0}));
}

TEST(Assembler, ReadsNumbersInEveryBase) {
  EXPECT_EQ(value("1_000"), 1000u);
  EXPECT_EQ(value("0xFf"), 255u);
  EXPECT_EQ(value("0b101"), 5u);
  EXPECT_EQ(value("0o17"), 15u);
  EXPECT_EQ(value("017"), 15u);
  EXPECT_EQ(value("'A'"), 65u);
  EXPECT_EQ(value("'\\n' + ' '"), 42u);
  EXPECT_EQ(value("'\\''"), 39u);
  EXPECT_EQ(value("';'"), 59u);  // no comment
}

TEST(Assembler, HasTheOperatorsAndThePrecedenceOfC) {
  EXPECT_EQ(value("2 + 3 * 4"), 14u);
  EXPECT_EQ(value("(2 + 3) * 4"), 20u);
  EXPECT_EQ(value("20 - 5 - 3"), 12u);
  EXPECT_EQ(value("100 / 7 % 4"), 2u);
  EXPECT_EQ(value("-7 / 2 == -3 && -7 % 2 == -1"), 1u);
  EXPECT_EQ(value("1 << 2 + 3"), 32u);
  EXPECT_EQ(value("-16 >> 2 == -4"), 1u);
  EXPECT_EQ(value("6 & 3 == 3"), 0u);  // & binds looser than ==
  EXPECT_EQ(value("1 | 6 ^ 2 & 3"), 5u);
  EXPECT_EQ(value("~0 & 0xF"), 15u);
  EXPECT_EQ(value("!3 + !0"), 1u);
  EXPECT_EQ(value("- -3"), 3u);
  EXPECT_EQ(value("1 ? 2 : 0 ? 3 : 4"), 2u);
  EXPECT_EQ(value("0 ? 2 : 0 ? 3 : 4"), 4u);
  EXPECT_EQ(value("1 <= 1 && 2 > 1 && 1 != 2 && !(1 >= 2) && 1 < 2"), 1u);
  EXPECT_EQ(value("-1"), 0xFFFFFFFFu);
}

TEST(Assembler, DoesNotEvaluateWhatIsNotTaken) {
  EXPECT_EQ(value("1 || 1 / 0"), 1u);
  EXPECT_EQ(value("0 && 1 % 0"), 0u);
  EXPECT_EQ(value("1 ? 5 : 1 << 99"), 5u);
  EXPECT_EQ(value_error("0 || 1 / 0"), "division by zero");
}

TEST(Assembler, KnowsRealNumbersInsideTheirFunctions) {
  EXPECT_EQ(value("fix(1.5)"), 0x1800000u);
  EXPECT_EQ(value("fix(-1.5)"), 0xFE800000u);
  EXPECT_EQ(value("fix(.5e1 / 2 - (1 + 0x1))"), 0x800000u);
  EXPECT_EQ(value("fix(1) + 1"), 0x1000001u);
  EXPECT_EQ(value("eps(1e-6)"), 1099512u);
  EXPECT_EQ(value("scale(0.0123 / 127)"), *encode_scale(0.0123 / 127));
}

TEST(Assembler, KnowsSizesInMemory) {
  EXPECT_EQ(value("lines(16)"), 1u);
  EXPECT_EQ(value("lines(17)"), 2u);
  EXPECT_EQ(value("vector_bytes(17)"), 128u);
  EXPECT_EQ(value("q8_bytes(65)"), 128u);
  EXPECT_EQ(value("matrix_bytes(6, 65)"), 256u);
  EXPECT_EQ(value("align(1)"), 64u);
  EXPECT_EQ(value("align(64)"), 64u);
}

TEST(Assembler, RefusesArithmeticThatHasNoResult) {
  EXPECT_EQ(value_error("9223372036854775808"), "'9223372036854775808' does not fit 63 bits");
  EXPECT_EQ(value_error("9223372036854775807 + 1"), "9223372036854775807 + 1 does not fit 64 bits");
  EXPECT_EQ(value_error("-9223372036854775807 - 2"),
            "-9223372036854775807 - 2 does not fit 64 bits");
  EXPECT_EQ(value_error("(-9223372036854775807 - 1) / -1"),
            "-9223372036854775808 / -1 does not fit 64 bits");
  EXPECT_EQ(value_error("(-9223372036854775807 - 1) % -1"),
            "-9223372036854775808 % -1 does not fit 64 bits");
  EXPECT_EQ(value_error("-(-9223372036854775807 - 1)"),
            "-(-9223372036854775808) does not fit 64 bits");
  EXPECT_EQ(value_error("4611686018427387904 * 2"), "4611686018427387904 * 2 does not fit 64 bits");
  EXPECT_EQ(value_error("1 << 63"), "1 << 63 does not fit 64 bits");
  EXPECT_EQ(value_error("1 >> -1"), "shift by -1, must be in 0..63");
  EXPECT_EQ(value_error("5 % 0"), "division by zero");
  EXPECT_EQ(value_error("1.5"),
            "'1.5' is not a whole number: those stand only inside fix(), eps() or scale()");
  EXPECT_EQ(value_error("0b2"), "'0b2' is not a number");
  EXPECT_EQ(value_error("08"), "'08' is not a number");
  EXPECT_EQ(value_error("12ab"), "'12ab' is not a number");
  EXPECT_EQ(value_error("fix(1e999)"), "'1e999' is not a number");
  EXPECT_EQ(value_error("fix(128)"), "fix(128) is out of range");
  EXPECT_EQ(value_error("fix(0 / 0)"), "fix(nan) is out of range");
  EXPECT_EQ(value_error("eps(1)"), "eps(1) is out of range");
  EXPECT_EQ(value_error("scale(2048)"), "scale(2048) is out of range");
  EXPECT_EQ(value_error("lines(-1)"), "-1 is not a size that lines can take");
  EXPECT_EQ(value_error("sqrt(2)"), "unknown function 'sqrt'");
  EXPECT_EQ(value_error("(1 + 2"), "expected ')', found the end of the line");
  EXPECT_EQ(value_error("1 2"), "expected the end of the line, found '2'");
  EXPECT_EQ(value_error(""), "expected a value, found the end of the line");
  EXPECT_EQ(value_error("v3"), "expected a value, found 'v3'");
  EXPECT_EQ(value_error(std::string(100, '(') + "1"), "the expression nests more than 64 deep");
  EXPECT_EQ(value_error(std::string(100, '-') + "1"), "the expression nests more than 64 deep");
}

TEST(Assembler, ResolvesSymbolsBeforeAndAfterTheirUse) {
  const Program program = assemble(R"(
    .equ n, m + 1        ; m comes later
    first: second:
    SET v0, end * 100 + n, 1
    .equ m, 2
    third: SET v0, first + second + third, 1
    end:
    .entry third)")
                              .program;
  EXPECT_EQ(program.instructions.at(0).get(Field::kImm), 203u);
  EXPECT_EQ(program.instructions.at(1).get(Field::kImm), 1u);
  EXPECT_EQ(program.entry, 1u);
}

TEST(Assembler, TakesLongChainsOfEarlierDefinitions) {
  std::string source = ".equ z1000, 1\n";
  for (int i = 999; i > 0; --i) source += fmt::format(".equ z{}, z{} + 1\n", i, i + 1);
  EXPECT_EQ(assemble(source + "SET v0, z1, 1").program.instructions.at(0).get(Field::kImm), 1000u);
}

TEST(Assembler, IncludesFilesRelativeToTheIncludingOne) {
  const Files files = {{"dir/sub/a.inc", ".include \"b.inc\"\nHALT\n"},
                       {"dir/sub/b.inc", ".equ b, 7\n"}};
  const Assembly assembly = assemble(".include \"sub/a.inc\"\nSET v0, b, 1\n", files);
  ASSERT_EQ(assembly.program.instructions.size(), 2u);
  EXPECT_EQ(assembly.program.instructions[1].get(Field::kImm), 7u);
  EXPECT_EQ(listing_text(assembly),
            "0000  00000000000000000000000000000001  dir/sub/a.inc:2: HALT\n"
            "0001  00000007000000000000000100000028  dir/prog.s:2: SET v0, b, 1\n");
}

TEST(Assembler, StopsIncludesThatDoNotEnd) {
  EXPECT_EQ(diagnostics(".include \"a.inc\"", {{"dir/a.inc", ".include \"../dir/b.inc\""},
                                               {"dir/b.inc", ".include \"a.inc\""}}),
            "dir/b.inc:1:10: error: 'dir/a.inc' includes itself\n"
            "  .include \"a.inc\"\n"
            "           ^~~~~~~");
  EXPECT_EQ(diagnostics(".include \"prog.s\"").substr(0, 49),
            "dir/prog.s:1:10: error: 'dir/prog.s' includes its");
  Files deep;
  for (int i = 0; i < 40; ++i)
    deep[fmt::format("dir/{}", i)] = fmt::format(".include \"{}\"", i + 1);
  EXPECT_NE(diagnostics(".include \"0\"", deep).find("more than 16 deep"), std::string::npos);
  // 2^15 leaves of 64 lines each: no cycle, but too much.
  Files wide;
  for (int i = 0; i < 15; ++i)
    wide[fmt::format("dir/{}", i)] = fmt::format(".include \"{0}\"\n.include \"{0}\"\n", i + 1);
  wide["dir/14"] = std::string(200, '\n');
  EXPECT_NE(diagnostics(".include \"0\"", wide).find("more than 1000000 lines"), std::string::npos);
}

TEST(Assembler, ReportsSeveralErrorsInTheOrderOfTheSource) {
  EXPECT_EQ(diagnostics("  ADDD v0, v1, v2, 4\n"
                        "\tADD\tv0, v16, v2, 4   ; tab\n"
                        "  HALT\n"
                        "  LDV v0, [b19], 4\r\n"
                        "  SET v0, nowhere + 1, 4\n"
                        "\xC3\xA9:\n"),
            "dir/prog.s:1:3: error: unknown instruction 'ADDD'\n"
            "    ADDD v0, v1, v2, 4\n"
            "    ^~~~\n"
            "dir/prog.s:2:10: error: there is no register v16, only v0..v15\n"
            "  \tADD\tv0, v16, v2, 4   ; tab\n"
            "  \t   \t    ^~~\n"
            "dir/prog.s:4:12: error: there is no segment b19, only b0..b15\n"
            "    LDV v0, [b19], 4\n"
            "             ^~~\n"
            "dir/prog.s:5:11: error: undefined symbol 'nowhere'\n"
            "    SET v0, nowhere + 1, 4\n"
            "            ^~~~~~~\n"
            "dir/prog.s:6:1: error: unexpected character '\\xc3'\n"
            "  \xC3\xA9:\n"
            "  ^");
}

TEST(Assembler, StopsAtTwentyErrors) {
  std::string source;
  for (int i = 0; i < 50; ++i) source += "what\n";
  const std::string text = diagnostics(source);
  EXPECT_TRUE(text.ends_with("\n20 errors, stopping here"));
  EXPECT_NE(text.find("dir/prog.s:20:1: "), std::string::npos);
  EXPECT_EQ(text.find("dir/prog.s:21:1: "), std::string::npos);
}

struct BadLine {
  const char* source;
  const char* message;  // from the column on
};

TEST(Assembler, SaysWhatIsWrongAndWhere) {
  const BadLine lines[] = {
      {"ADD v0, v1, 3", "13: error: expected register v0..v15, found '3'"},
      {"ADD v0 v1, v2, 3", "8: error: expected ',', found 'v1'"},
      {"ADD v0, v1, v2", "15: error: expected ',', found the end of the line"},
      {"ADD v0, v1, v2, 3, 4", "18: error: expected the end of the line, found ','"},
      {"ADD v0, v1, v2, 0", "17: error: len is 0, must be in 1..8192"},
      {"ADD v0, v1, v2, 8193", "17: error: len is 8193, must be in 1..8192"},
      {"ADD v99999999999, v1, v2, 1", "5: error: there is no register v99999999999, only v0..v15"},
      {"TMATMUL v0, v1, [b0], 0, 4, scale(1)", "23: error: rows is 0, must be in 1..8192"},
      {"TMATMUL v1, v1, [b0], 4, 4, scale(1)",
       "1: error: TMATMUL: destination and source must be different registers"},
      {"TMATMUL v0, v1, [b0], 4, 4, 5",
       "1: error: TMATMUL: 0x00000005 is not a weight scale; write scale(x)"},
      {"LDV v0, b0, 4", "9: error: expected '[', found 'b0'"},
      {"LDV v0, [v0], 4", "10: error: expected segment b0..b15, found 'v0'"},
      {"LDV v0, [b0 + 63], 4", "15: error: offset 63 is not a multiple of 64 bytes"},
      {"LDV v0, [b0 + -64], 4", "15: error: offset -64 is not in 0..274877906880"},
      {"LDV v0, [b0 + 64 << 32], 4", "15: error: offset 274877906944 is not in 0..274877906880"},
      {"SET v0, 1 << 32, 4",
       "9: error: the immediate is 4294967296, must be in -2147483648..4294967295"},
      {".word 1, 2, 3", "14: error: expected ',', found the end of the line"},
      {".word 1, 2, 3, 1 << 32", "16: error: the word is 4294967296, must be in 0..4294967295"},
      {".equ v3, 1", "6: error: 'v3' is a reserved name"},
      {"B7: HALT", "1: error: 'B7' is a reserved name"},
      {".equ lines, 1", "6: error: 'lines' is a reserved name"},
      {".equ .x, 1", "6: error: a name cannot begin with a dot: '.x'"},
      {".equ 3, 1", "6: error: expected a name after .equ, found '3'"},
      {".equ x", "7: error: expected ',', found the end of the line"},
      {".equ x, x + 1", "9: error: the definition depends on itself"},
      {".include a.inc", "10: error: expected a file name in double quotes, found 'a.inc'"},
      {".include \"a.inc", "10: error: the string does not end"},
      {".include \"a.inc\"", "10: error: dir/a.inc: cannot open"},
      {".entry 0", "8: error: the entry is 0, the program has 0 instructions"},
      {".align 4", "1: error: unknown directive '.align'"},
      {"+ 4", "1: error: expected an instruction, found '+'"},
      {"SET v0, 'a, 4", "9: error: a character ends with a quote: 'x'"},
      {"SET v0, '', 4", "9: error: a character is missing between the quotes"},
      {"SET v0, '\\q', 4",
       "9: error: unknown escape in a character; known are \\n \\r \\t \\0 \\\\ \\' \\\""},
      {"SET v0, @, 4", "9: error: unexpected character '@'"},
  };
  for (const BadLine& line : lines) {
    const std::string text = diagnostics(line.source);
    EXPECT_EQ(text.substr(0, text.find('\n')), std::string("dir/prog.s:1:") + line.message)
        << line.source;
  }
}

TEST(Assembler, RefusesASecondDefinition) {
  EXPECT_EQ(diagnostics("a: HALT\n.equ a, 1").substr(0, 55),
            "dir/prog.s:2:6: error: 'a' is already defined at dir/pr");
  EXPECT_EQ(diagnostics("HALT\n.entry 0\n.entry 0").substr(0, 39),
            "dir/prog.s:3:1: error: a second .entry\n");
}

TEST(Assembler, ReportsABrokenDefinitionOnce) {
  EXPECT_EQ(diagnostics(".equ a, 1 / 0\nSET v0, a, 1\nSET v0, a, 1"),
            "dir/prog.s:1:11: error: division by zero\n"
            "  .equ a, 1 / 0\n"
            "            ^");
}

TEST(Assembler, AcceptsAnEmptySource) { EXPECT_TRUE(assemble("").program.instructions.empty()); }

}  // namespace
}  // namespace sterna::assembly
