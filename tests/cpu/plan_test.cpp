// SPDX-License-Identifier: Apache-2.0
// Programs as graphs, small ones by hand.
#include "host/plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "asm/assembler.h"
#include "host/plan/schedule.h"

namespace sterna::plan {
namespace {

constexpr std::uint32_t kResults = 3;  // a segment that only the host reads

Target target() {
  Target target;
  for (std::uint32_t s = 0; s < kSegments; ++s) {
    target.segments[s] = {std::uint64_t{s} << 40, 1024, 0};
  }
  target.segments[kResults].result = true;
  return target;
}

Plan plan_of(const std::string& source) {
  const auto no_files = [](const std::filesystem::path&) -> std::string { return {}; };
  return make_plan(assembly::assemble_text(source, "test.s", no_files).program.instructions, 0,
                   target());
}

std::string message_of(const std::string& source) {
  try {
    plan_of(source);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const Operation& of(const Plan& plan, Opcode opcode, std::size_t nth = 0) {
  for (const Operation& op : plan.operations) {
    if (op.kind != Kind::kJoin && op.opcode == opcode && nth-- == 0) return op;
  }
  throw Error("no such operation");
}

TEST(Plan, RegistersAreValues) {
  const Plan plan = plan_of(R"(
    LDV v0, [b0], 32
    LDV v1, [b0 + 128], 32
    ADD v0, v0, v1, 32
    ADD v1, v0, v1, 32
    SV v1, [b1], 32
    HALT)");
  const Operation& first = of(plan, Opcode::kAdd);
  const Operation& second = of(plan, Opcode::kAdd, 1);
  EXPECT_EQ(first.in[0], of(plan, Opcode::kLdv).out);
  EXPECT_EQ(first.in[1], of(plan, Opcode::kLdv, 1).out);
  EXPECT_EQ(second.in[0], first.out);
  EXPECT_EQ(second.in[1], of(plan, Opcode::kLdv, 1).out);
  EXPECT_EQ(of(plan, Opcode::kSv).in[0], second.out);
}

TEST(Plan, AShorterVectorOverALongerOneIsJoined) {
  const Plan plan = plan_of(R"(
    LDV v0, [b0], 64
    SET v0, fix(1.0), 20
    SV v0, [b1], 64
    SV v0, [b1 + 256], 32
    HALT)");
  const auto join = std::ranges::find(plan.operations, Kind::kJoin, &Operation::kind);
  ASSERT_NE(join, plan.operations.end());
  EXPECT_EQ(join->in[0], of(plan, Opcode::kSet).out);
  EXPECT_EQ(join->in[1], of(plan, Opcode::kLdv).out);
  EXPECT_EQ(join->length, 32u) << "whole lines";
  EXPECT_EQ(of(plan, Opcode::kSv).in[0], join->out);
}

TEST(Plan, WhatNothingWroteIsNotRead) {
  EXPECT_EQ(message_of("SV v3, [b0], 16\nHALT"),
            "instruction 0 reads elements of v3 that no instruction wrote");
  EXPECT_EQ(message_of("LDV v3, [b0], 16\nSV v3, [b1], 17\nHALT"),
            "instruction 1 reads elements of v3 that no instruction wrote");
}

TEST(Plan, RefusesAsTheMachineDoes) {
  EXPECT_EQ(message_of("LDV v0, [b0 + 65536], 16\nHALT"),
            "instruction 0 would end the program with BAD_ADDRESS");
  EXPECT_EQ(message_of("SET v0, fix(1.0), 16"),
            "instruction 1 would end the program with PC_OVERRUN");
}

// A product takes the scale that its register had last, whatever else was written to it since.
TEST(Plan, ScalesAreTheRegisters) {
  const Plan plan = plan_of(R"(
    LDV v0, [b0], 64
    QUANT v1, v0, 64
    LDV v1, [b0 + 256], 64
    TMATMUL v2, v1, [b4], 5, 64, 0x0d000001
    TMATMUL v3, v0, [b4], 5, 64, 0x0d000001
    SV v2, [b1], 5
    SV v3, [b1 + 64], 5
    HALT)");
  EXPECT_EQ(of(plan, Opcode::kTmatmul).in[0], of(plan, Opcode::kLdv, 1).out);
  EXPECT_EQ(of(plan, Opcode::kTmatmul).scale, of(plan, Opcode::kQuant).out);
  EXPECT_EQ(of(plan, Opcode::kTmatmul, 1).scale, kNoValue);
}

TEST(Plan, TheHeadIsWhatOnlyResultsNeed) {
  const Plan plan = plan_of(R"(
    LDV v0, [b0], 16
    ADD v1, v0, v0, 16
    SV v1, [b1], 16
    SUB v2, v1, v0, 16
    SV v2, [b3], 16
    HALT)");
  EXPECT_FALSE(of(plan, Opcode::kAdd).head);
  EXPECT_FALSE(of(plan, Opcode::kSv).head);
  EXPECT_TRUE(of(plan, Opcode::kSub).head);
  EXPECT_TRUE(of(plan, Opcode::kSv, 1).head);
}

// Which phase each operation is in; every one is in exactly one.
std::vector<std::size_t> phases_of(const Plan& plan) {
  std::vector<std::size_t> at(plan.operations.size(), 999);
  const std::vector<Phase> phases = schedule(plan);
  for (std::size_t p = 0; p < phases.size(); ++p) {
    for (const std::uint32_t i : phases[p].operations) {
      EXPECT_EQ(at[i], 999u);
      at[i] = p;
    }
  }
  EXPECT_EQ(std::ranges::count(at, 999u), 0);
  return at;
}

std::size_t index(const Plan& plan, const Operation& op) {
  return static_cast<std::size_t>(&op - plan.operations.data());
}

TEST(Schedule, ProductsThatAreReadyTogetherShareAPhase) {
  const Plan plan = plan_of(R"(
    LDV v0, [b0], 64
    QUANT v1, v0, 64
    TMATMUL v2, v1, [b4], 64, 64, 0x0d000001
    RELU v3, v0, 64
    QUANT v3, v3, 64
    TMATMUL v4, v3, [b4], 64, 64, 0x0d000001
    ADD v2, v2, v4, 64
    QUANT v2, v2, 64
    TMATMUL v5, v2, [b4], 64, 64, 0x0d000001
    SV v5, [b1], 64
    HALT)");
  const std::vector<std::size_t> at = phases_of(plan);
  const auto phase = [&](std::size_t nth) {
    return at[index(plan, of(plan, Opcode::kTmatmul, nth))];
  };
  EXPECT_EQ(phase(0), phase(1));
  EXPECT_LT(phase(1), phase(2));
}

// A load stays behind a store to the same memory and before the next one, though nothing else holds
// it there; one of other memory waits until it is needed.
TEST(Schedule, MemoryKeepsItsOrder) {
  const Plan plan = plan_of(R"(
    SET v0, fix(1.0), 16
    LDV v5, [b2], 16
    SV v0, [b1], 16
    LDV v1, [b1], 16
    SET v2, fix(2.0), 16
    SV v2, [b1], 16
    LDV v3, [b1], 16
    SV v1, [b0 + 64], 16
    SV v3, [b0 + 128], 16
    ADD v5, v5, v3, 16
    SV v5, [b0 + 192], 16
    HALT)");
  const std::vector<std::size_t> at = phases_of(plan);
  const auto phase = [&](Opcode opcode, std::size_t nth) {
    return at[index(plan, of(plan, opcode, nth))];
  };
  EXPECT_LT(phase(Opcode::kSv, 0), phase(Opcode::kLdv, 1));
  EXPECT_LT(phase(Opcode::kLdv, 1), phase(Opcode::kSv, 1));
  EXPECT_LT(phase(Opcode::kSv, 1), phase(Opcode::kLdv, 2));
  EXPECT_EQ(phase(Opcode::kLdv, 0), phase(Opcode::kAdd, 0));
}

}  // namespace
}  // namespace sterna::plan
