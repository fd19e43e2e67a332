// SPDX-License-Identifier: Apache-2.0
// The data that a program carries: what the directives give, the way through the program file and
// the disassembler, and what is refused.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "asm/assembler.h"
#include "asm/data_text.h"
#include "asm/disassembler.h"
#include "isa/trees.h"
#include "isa/trits.h"
#include "support/error.h"

namespace sterna::assembly {
namespace {

std::string files(const std::filesystem::path& path) {
  if (path == "in/x.txt") return "1\n-0.5 2\n";
  if (path == "in/w.txt") return "+-0\n00+\n";
  if (path == "in/t.txt") return "+-0, 0.5\n# left\n00+,-1 # its bias\n- - -\n";
  throw Error("{}: cannot open", path.string());
}

Program assemble_all(const std::string& source) {
  return assemble_text(source, "in/p.s", files).program;
}

// The first line of what the assembler says.
std::string refusal(const std::string& source) {
  try {
    assemble_all(source);
  } catch (const AssemblyError& error) {
    const std::string text = error.what();
    return text.substr(0, text.find('\n'));
  }
  return {};
}

// As multiples of 1 / 2^24, over its length.
std::vector<double> values(const Program& program, const char* name) {
  const DataItem* item = program.data.find(name);
  if (item == nullptr) return {};
  std::vector<double> out;
  for (const std::uint32_t e : vector_elements(item->image)) {
    out.push_back(static_cast<std::int32_t>(e) / 16777216.0);
  }
  out.resize(item->columns);
  return out;
}

using Values = std::vector<double>;

TEST(Data, VectorsHoldWhatTheyAreGiven) {
  const Program p = assemble_all(
      ".equ n, 2\n"
      ".vector a, 1, -2.5, n / 4, (1 + 1) * 3\n"
      ".vector b\n  1, 2,\n\n  # between\n  -3\n"
      ".vector c[n + later], fill 1.5 / 3\n"
      ".vector d[4], ramp -1, 0.25\n"
      ".vector e, file \"x.txt\"\n"
      ".vector f[3]\n"
      ".equ later, 1\n");
  EXPECT_EQ(values(p, "a"), (Values{1, -2.5, 0.5, 6}));
  EXPECT_EQ(values(p, "b"), (Values{1, 2, -3}));
  EXPECT_EQ(values(p, "c"), (Values{0.5, 0.5, 0.5}));
  EXPECT_EQ(values(p, "d"), (Values{-1, -0.75, -0.5, -0.25}));
  EXPECT_EQ(values(p, "e"), (Values{1, -0.5, 2}));
  EXPECT_EQ(values(p, "f"), (Values{0, 0, 0}));
}

TEST(Data, MatricesArePackedRows) {
  const Program p = assemble_all(
      ".matrix a\n +0-\n --- # a comment\n"
      ".matrix b, file \"w.txt\"\n"
      ".matrix c[6, 70], random 7\n"
      ".matrix d[2, 3]\n");
  std::vector<std::int8_t> trits(6);
  unpack_matrix(p.data.find("a")->image, 2, 3, trits);
  EXPECT_EQ(trits, (std::vector<std::int8_t>{1, 0, -1, -1, -1, -1}));
  unpack_matrix(p.data.find("b")->image, 2, 3, trits);
  EXPECT_EQ(trits, (std::vector<std::int8_t>{1, -1, 0, 0, 0, 1}));
  EXPECT_EQ(p.data.find("c")->image, random_matrix(6, 70, 7));
  EXPECT_EQ(p.data.find("d")->image, pack_matrix(std::vector<std::int8_t>(6), 3));
}

TEST(Data, TreesArePackedNodeByNode) {
  const Program p = assemble_all(
      ".equ half, 1\n"
      ".tree_in w1[2, 1, 3]\n  +0-, half / 2\n  0+0\n -- -, -1\n  000\n +++\n --+, (1 + 1)\n"
      ".tree_out w2[2, 1, 2]\n +0\n 0+\n --\n 00\n ++\n -+\n"
      ".tree_in r[1, 2, 70], random 3\n.tree_out z[1, 0, 5]\n"
      "QUANT v0, v1, w1.cols\n"
      "FFFIN v1, v0, [w1], w1.trees, w1.depth, w1.cols, scale(0.5)\n"
      "QUANT v2, v1, w1.path\n"
      "FFFOUT v3, v2, [w2], w2.rows, w2.trees, w2.depth, scale(0.25)\nHALT\n");
  const TreeShape shape{2, 1};
  std::vector<std::int8_t> trits(18);
  std::vector<std::int32_t> biases(6);
  const DataItem& w1 = *p.data.find("w1");
  ASSERT_EQ(w1.kind, DataKind::kTreeIn);
  ASSERT_EQ(w1.image.size(), 64 * tree_in_lines(shape, 3));
  unpack_tree_in(w1.image, shape, 3, trits, biases);
  EXPECT_EQ(trits, (std::vector<std::int8_t>{1, 0, -1, 0, 1, 0, -1, -1, -1,  //
                                             0, 0, 0, 1, 1, 1, -1, -1, 1}));
  EXPECT_EQ(biases, (std::vector<std::int32_t>{1 << 23, 0, -(1 << 24), 0, 0, 2 << 24}));
  trits.resize(12);
  unpack_tree_out(p.data.find("w2")->image, shape, 2, trits);
  EXPECT_EQ(trits, (std::vector<std::int8_t>{1, 0, 0, 1, -1, -1, 0, 0, 1, 1, -1, 1}));
  EXPECT_EQ(p.instructions[1].get(Field::kRows), 2u);
  EXPECT_EQ(p.instructions[1].get(Field::kDepth), 1u);
  EXPECT_EQ(p.instructions[2].get(Field::kLen), 8u);
  EXPECT_EQ(p.instructions[3].get(Field::kLen), 2u);
  // Through the program file and the disassembler.
  const std::vector<std::byte> file = program_bytes(p);
  EXPECT_EQ(parse_program(file, "p.bin"), p);
  EXPECT_EQ(assemble_all(disassemble(p)), p);
}

TEST(Data, TreesFromATextAreThoseOfTheSource) {
  const Program p = assemble_all(
      ".tree_in a[1, 1, 3], file \"t.txt\"\n.tree_in b[1, 1, 3]\n +-0, 0.5\n 00+, -1\n ---\n"
      ".tree_out c[2, 0, 3], file \"w.txt\"\n.tree_out d[2, 0, 3]\n +-0\n 00+\n"
      ".input a\n.input d\n");
  EXPECT_EQ(p.data.find("a")->image, p.data.find("b")->image);
  EXPECT_EQ(p.data.find("c")->image, p.data.find("d")->image);
  EXPECT_TRUE(p.data.find("a")->input && p.data.find("d")->input && !p.data.find("b")->input);
  EXPECT_EQ(parse_program(program_bytes(p), "p.bin"), p);
  EXPECT_EQ(assemble_all(disassemble(p)), p) << disassemble(p);
}

TEST(Data, MistakesInTreesHaveAPlaceAndAValue) {
  const std::string in = "FFFIN v1, v0, [b0], 2, 3, 8, scale(1)\n";
  const std::pair<std::string, std::string> wrong[] = {
      {".tree_in w[1, 1, 2]\n ++\n --\n", "'w' has 3 nodes, but 2 are there"},
      {".tree_in w[1, 0, 2]\n +++\n", "3 columns, 'w' has 2"},
      {".tree_in w[1, 0, 2]\n +x, 1\n", "expected a row of + 0 -, found 'x'"},
      {".tree_in w[1, 0, 2]\n ++, 300\n", "300 is outside -128..128"},
      {".tree_out w[1, 0, 2]\n ++, 1\n", "expected a row of + 0 -, found ','"},
      {".tree_in w[1, 2]\n", "'w' has three sizes: [trees, depth, columns]"},
      {".tree_in w\n ++\n", "the size of trees has to be said: w[trees, depth, columns]"},
      {".tree_in w[65, 0, 2]\n", "the size 65 of 'w' is not in 1..64"},
      {".tree_in w[1, 16, 2]\n", "the depth 16 of 'w' is not in 0..15"},
      {".tree_in w[64, 15, 8192], random 1\n", "with 'w' the data takes more than 67108864 bytes"},
      {".tree_in w[1, 0, 2], fill 1\n", "expected random SEED or file \"NAME\", found 'fill'"},
      {".tree_in w[1, 0, 2]\n.output w\n", "'w' holds trees: programs write vectors"},
      {".tree_in w[1, 2, 3], file \"t.txt\"\n", "'w' has 7 nodes of 3 trits, but 3 of 3 are there"},
      {".tree_in w[1, 1, 4], file \"t.txt\"\n", "'w' has 3 nodes of 4 trits, but 3 of 3 are there"},
      {".tree_in w, file \"t.txt\"\n", "the size of trees has to be said"},
      {".tree_out w[1, 1, 3], file \"t.txt\"\n", "in/t.txt:1: ',' is none of + 0 -"},
      {".tree_in w[1, 1, 3], file \"x.txt\"\n", "in/x.txt:1: '1' is none of + 0 -"},
      {".segment s, b0, per_lane\n.tree_in w[1, 0, 2]\n", "lanes share their matrices"},
      {"FFFIN v1, v0, [b0], 65, 3, 8, scale(1)\n", "trees is 65, must be in 1..64"},
      {"FFFIN v1, v0, [b0], 1, 16, 8, scale(1)\n", "depth is 16, must be in 0..15"},
      {"FFFIN v1, v1, [b0], 1, 1, 8, scale(1)\n", "must be different registers"},
      {"FFFOUT v3, v2, [b4], 8, 2, 3, scale(1)\n",
       "FFFOUT of 2 trees of depth 3: there is no FFFIN before it"},
      {in + "FFFOUT v3, v2, [b4], 8, 2, 4, scale(1)\n",
       "FFFOUT of 2 trees of depth 4: the last FFFIN before it has 2 of depth 3"},
      {in + "HALT\nFFFOUT v3, v2, [b4], 8, 2, 3, scale(1)\n", "there is no FFFIN before it"},
  };
  for (const auto& [source, message] : wrong) {
    EXPECT_NE(refusal(source).find(message), std::string::npos) << source << refusal(source);
  }
  EXPECT_EQ(refusal(in + in + "FFFOUT v3, v2, [b4], 8, 2, 3, scale(1)\nHALT\n"), "");
}

TEST(Data, NamesStandForPlacesAndSizes) {
  const Program p = assemble_all(
      ".segment s, b3\n.vector x[20]\n.vector y[16]\n"
      ".segment t, b4, size 1000\n.matrix w[7, 65]\n"
      ".segment s\n.vector z[1]\n"
      "LDV v0, [x], x.len\nLDV v0, [s + y], 1\nLDV v0, [z + 64], 1\nLDV v0, [b3 + z - y], 1\n"
      "TMATMUL v1, v0, [w], w.rows, w.cols, scale(1)\n"
      "SET v0, s.bytes, 1\nSET v0, t.bytes, 1\nSET v0, t, 1\n");
  const auto at = [&](std::size_t i) {
    const Instruction& in = p.instructions[i];
    return std::pair(in.get(Field::kSeg), in.get(Field::kOff));
  };
  EXPECT_EQ(at(0), std::pair(3u, 0u));
  EXPECT_EQ(p.instructions[0].get(Field::kLen), 20u);
  EXPECT_EQ(at(1), std::pair(3u, 2u));
  EXPECT_EQ(at(2), std::pair(3u, 4u));
  EXPECT_EQ(at(3), std::pair(3u, 1u));
  EXPECT_EQ(at(4), std::pair(4u, 0u));
  EXPECT_EQ(p.instructions[4].get(Field::kRows), 7u);
  EXPECT_EQ(p.instructions[4].get(Field::kLen), 65u);
  EXPECT_EQ(p.instructions[5].get(Field::kImm), 256u);
  EXPECT_EQ(p.instructions[6].get(Field::kImm), 1024u);
  EXPECT_EQ(p.instructions[7].get(Field::kImm), 4u);
}

constexpr const char* kEverything =
    ".segment s, b3, per_lane, size 4096\n.input x, 1, 0.1, -3\n.output x\n.output y[20]\n"
    ".segment w, b4\n.matrix m[12, 70], random 3\n.input m\n.vector v[9], fill -0.25\n"
    ".matrix zero[2, 2]\n.segment empty, b9, size 64\n"
    "LDV v0, [x], 3\nSV v0, [y], 3\nLDV v0, [b4 + v], 9\nTMATMUL v1, v0, [m], 12, 70, scale(1)\n"
    "HALT\n";

TEST(Data, GoesThroughTheProgramFileAndTheDisassembler) {
  for (const std::string source : {kEverything, ".vector x, 1\n.vector y, 2\nLDV v0, [y], 1\n"}) {
    const Program program = assemble_all(source);
    ASSERT_FALSE(program.data.empty());
    EXPECT_EQ(parse_program(program_bytes(program), "p.bin"), program);
    EXPECT_EQ(assemble_all(disassemble(program)), program) << disassemble(program);
  }
  EXPECT_NE(disassemble(assemble_all(kEverything)).find("LDV v0, [x], 3 "), std::string::npos);
}

TEST(Data, ProgramsWithoutItAreTheFilesThatTheyWere) {
  const Program program = assemble_all("HALT\n");
  EXPECT_EQ(program_bytes(program).size(), 24u + 16u);
}

TEST(Data, DamagedSectionsAreRefused) {
  const Program program = assemble_all(kEverything);
  const std::vector<std::byte> file = program_bytes(program);
  const std::size_t begin = 24 + 16 * program.instructions.size();
  const auto refused = [](std::span<const std::byte> bytes) {
    try {
      parse_program(bytes, "p.bin");
    } catch (const Error&) {
      return true;
    }
    return false;
  };
  for (std::size_t size = begin + 1; size < file.size(); ++size) {
    EXPECT_TRUE(refused(std::span(file).first(size))) << size;
  }
  for (std::size_t at = begin; at < file.size(); ++at) {
    std::vector<std::byte> bad = file;
    bad[at] ^= std::byte{4};
    EXPECT_TRUE(refused(bad)) << at;
  }
}

TEST(Data, MistakesHaveAPlaceAndAValue) {
  const struct {
    const char* source;
    const char* message;
  } cases[] = {
      {".vector x, 1, 200\n", "in/p.s:1:15: error: 200 is outside -128..128"},
      {".vector x[3], 1, 2\n", "in/p.s:1:9: error: 'x' has 3 elements, but 2 values are there"},
      {".vector x, 1,,2\n", "in/p.s:1:14: error: expected a value, found ','"},
      {".vector x, 1, 2,\n", "in/p.s:1:17: error: expected a value, found the end of the line"},
      {".vector x\n1,\n2,\n", "in/p.s:3:3: error: expected a value, found the end of the line"},
      {".vector x[0]\n", "in/p.s:1:11: error: the size 0 of 'x' is not in 1..16777216"},
      {".vector x\nHALT\n", "in/p.s:1:9: error: 'x' has neither a size nor values"},
      {".vector x, fill 1\n", "in/p.s:1:9: error: with fill the size has to be said: x[elements]"},
      {".vector x[2], ramp 1\n",
       "in/p.s:1:15: error: ramp takes two values, the first and the step, found 1"},
      {".vector x[20], ramp 100, 2\n", "in/p.s:1:21: error: element 14 is 128, outside -128..128"},
      {".vector x, file \"no.txt\"\n", "in/p.s:1:17: error: in/no.txt: cannot open"},
      {".vector x, file \"w.txt\"\n", "in/p.s:1:17: error: in/w.txt:1: '+-0' is not a number"},
      {".vector x, 1 2\n", "in/p.s:1:14: error: expected the end of the line, found '2'"},
      {".vector x, 1\n.vector x, 2\n", "in/p.s:2:9: error: 'x' is already defined at in/p.s:1"},
      {".vector x, 1\n.equ x.len, 2\n",
       "in/p.s:2:6: error: 'x.len' is already defined at in/p.s:1"},
      {".vector x[y], fill 1\n.vector y, 1\n",
       "in/p.s:1:9: error: the size of b0 depends on itself"},
      {".vector x[9000000]\n.vector y[9000000]\n",
       "in/p.s:2:9: error: with 'y' the data takes more than 67108864 bytes"},
      {".matrix w\n+0-\n+0\n", "in/p.s:3:1: error: 2 columns, 'w' has 3"},
      {".matrix w\n+0-\n+1-\n", "in/p.s:3:2: error: expected a row of + 0 -, found '1'"},
      {".matrix w[3, 3]\n+0-\n", "in/p.s:1:9: error: 'w' has 3 x 3 elements, but 1 x 3 are there"},
      {".matrix w[3], random 1\n", "in/p.s:1:9: error: 'w' has rows and columns: [rows, columns]"},
      {".matrix w[3, 9000], random 1\n",
       "in/p.s:1:14: error: the size 9000 of 'w' is not in 1..8192"},
      {".matrix w, 1\n",
       "in/p.s:1:12: error: expected random SEED or file \"NAME\", found '1' (rows of + 0 - stand "
       "on "
       "lines of their own)"},
      {".segment s, b16\n", "in/p.s:1:13: error: there is no segment b16, only b0..b15"},
      {".segment s\n", "in/p.s:1:10: error: segment 's' needs a number: .segment s, b0"},
      {".segment s, b1\n.segment t, b1\n", "in/p.s:2:13: error: b1 is segment 's' already"},
      {".segment s, b1, wide\n", "in/p.s:1:17: error: expected per_lane or size, found 'wide'"},
      {".segment s, b1, size 64\n.vector x[17]\n",
       "in/p.s:1:22: error: the size 64 of b1 is not in 128..274877906880"},
      {".segment s, b1, per_lane\n.matrix w[1, 1]\n",
       "in/p.s:2:9: error: 'w' cannot lie in segment 's': lanes share their matrices"},
      {".output y\n",
       "in/p.s:1:9: error: there is no vector 'y': with a length, as in y[16], it would be made"},
      {".matrix w[1, 1]\n.output w\n",
       "in/p.s:2:9: error: 'w' is a matrix: programs write vectors"},
      {".segment s, b1\n.vector x, 1\n.segment t, b2\n.vector y, 1\nLDV v0, [t + x], 1\n",
       "in/p.s:5:14: error: 'x' lies in segment b1, not in b2"},
      {".vector x, 1\nLDV v0, [x + 1], 1\n",
       "in/p.s:2:10: error: offset 1 is not a multiple of 64 bytes"},
  };
  for (const auto& c : cases) EXPECT_EQ(refusal(c.source), c.message) << c.source;
}

}  // namespace
}  // namespace sterna::assembly
