// SPDX-License-Identifier: Apache-2.0
// The SystemVerilog package and ROMs agree with the C++ header and tables.
#include <Vpackage_probe.h>
#include <gtest/gtest.h>

#include <vector>

#include "isa/generated/tables.h"
#include "isa/instruction.h"

namespace sterna::assembly {
namespace {

TEST(Package, AgreesOnEveryOpcode) {
  Vpackage_probe probe;
  for (std::uint32_t op = 0; op < 256; ++op) {
    probe.op_i = static_cast<CData>(op);
    probe.eval();
    const InstructionInfo* info = find_instruction(op);
    EXPECT_EQ(probe.legal_o != 0, info != nullptr) << op;
    for (std::size_t word = 0; word < 4; ++word) {
      EXPECT_EQ(probe.used_o[word], info == nullptr ? 0 : info->used[word]) << op;
    }
    if (info == nullptr) {
      EXPECT_EQ(probe.operands_o, 0) << op;
      continue;
    }
    EXPECT_EQ(probe.distinct_o != 0, info->distinct) << op;
    EXPECT_EQ(probe.chains_o != 0, info->chain) << op;
    EXPECT_EQ(probe.scale_o != 0, info->imm_kind == ImmKind::kScale) << op;
    EXPECT_EQ(probe.fff_o != 0, info->capability == "FFF") << op;
    EXPECT_EQ(probe.result_o, static_cast<unsigned>(info->result)) << op;
    EXPECT_EQ(probe.access_o, static_cast<unsigned>(info->access)) << op;
    const auto unit = static_cast<unsigned>(info->unit);
    EXPECT_EQ(probe.unit_o, unit < kTracedUnits ? 1u << unit : 0u) << op;
    for (unsigned bit = 0; bit < 8; ++bit) {
      EXPECT_EQ((probe.operands_o >> bit & 1) != 0, info->has(static_cast<Operand>(bit))) << op;
    }
  }
}

TEST(Package, AgreesOnEveryUnit) {
  Vpackage_probe probe;
  probe.eval();
  unsigned stream = 0;
  for (unsigned unit = 0; unit < kTracedUnits; ++unit) {
    EXPECT_EQ((probe.shared_o >> unit & 1) != 0, kUnits[unit].shared) << unit;
    EXPECT_EQ(probe.first_reads_o >> 3 * unit & 7, kUnits[unit].first_read) << unit;
    EXPECT_EQ(kUnits[unit].first_read, stream) << unit;
    for (const Operand operand : kUnits[unit].reads()) {
      const auto source = static_cast<unsigned>(operand) - static_cast<unsigned>(Operand::kVa);
      EXPECT_EQ(probe.read_operands_o >> 2 * stream++ & 3, source) << unit;
    }
  }
}

// The tables lie one behind the other; each of its words through both ports.
TEST(Package, TheRomHoldsTheTables) {
  std::vector<numerics::Parabola> words(std::begin(numerics::kSigmoidTable),
                                        std::end(numerics::kSigmoidTable));
  words.insert(words.end(), std::begin(numerics::kPhiTable), std::end(numerics::kPhiTable));
  words.insert(words.end(), std::begin(numerics::kExp2Table), std::end(numerics::kExp2Table));
  constexpr unsigned kCurveBits = 15;
  const auto expect = [](const numerics::Parabola& p, unsigned value, unsigned slope,
                         unsigned curve) {
    EXPECT_EQ(static_cast<int>(value), p.value);
    EXPECT_EQ(static_cast<int>(slope), p.slope);
    EXPECT_EQ(curve, static_cast<unsigned>(p.curve) & ((1u << kCurveBits) - 1));
  };
  Vpackage_probe probe;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t other = words.size() - 1 - i;
    probe.a_addr_i = static_cast<SData>(i);
    probe.b_addr_i = static_cast<SData>(other);
    probe.clk_i = 0;
    probe.eval();
    probe.clk_i = 1;
    probe.eval();
    expect(words[i], probe.a_value_o, probe.a_slope_o, probe.a_curve_o);
    expect(words[other], probe.b_value_o, probe.b_slope_o, probe.b_curve_o);
  }
}

}  // namespace
}  // namespace sterna::assembly
