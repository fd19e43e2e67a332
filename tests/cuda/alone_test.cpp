// SPDX-License-Identifier: Apache-2.0
// How a single column's pass is laid out: what waits for a barrier, and what cannot.
#include "host/cuda/alone.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/cuda/assembled_plan.h"

namespace sterna::cuda {
namespace {

using plan::PhaseKind;

// Everything before the product, the product, and what is behind it.
std::vector<plan::Phase> phases_of(const plan::Plan& plan) {
  std::vector<plan::Phase> phases = {
      {PhaseKind::kColumns, {}}, {PhaseKind::kProducts, {}}, {PhaseKind::kColumns, {}}};
  for (std::uint32_t i = 0; i < plan.operations.size(); ++i) {
    if (plan.operations[i].kind == plan::Kind::kProduct) {
      phases[1].operations.push_back(i);
    } else {
      phases[phases[1].operations.empty() ? 0 : 2].operations.push_back(i);
    }
  }
  return phases;
}

Alone alone_of(const plan::Plan& plan, std::size_t shared_bytes = 1 << 16) {
  return plan_alone(plan, phases_of(plan), std::vector<bool>(plan.values.size()), shared_bytes);
}

// The phase that has the plan's nth store; 99: none.
std::size_t phase_of_store(const Alone& alone, const plan::Plan& plan, std::size_t nth) {
  for (std::uint32_t i = 0; i < plan.operations.size(); ++i) {
    if (plan.operations[i].kind != plan::Kind::kStore || nth-- != 0) continue;
    for (std::size_t p = 0; p < alone.phases.size(); ++p) {
      if (std::ranges::count(alone.phases[p].operations, i) != 0) return p;
    }
  }
  return 99;
}

constexpr auto kBegin = R"(
    LDV v0, [b0], 32
    LDV v1, [b1], 32
    ADD v2, v0, v1, 32
    SV v2, [b0], 32
    QUANT v3, v2, 32
    TMATMUL v4, v3, [b4], 32, 32, 0x0d000001
    ADD v4, v4, v2, 32
)";

TEST(Alone, AStoreOfWhatWasLoadedWaitsForTheNextBarrier) {
  const plan::Plan plan = plan_of(std::string(kBegin) + "SV v4, [b3], 32\nHALT");
  const Alone alone = alone_of(plan);
  ASSERT_TRUE(alone.possible());
  EXPECT_EQ(phase_of_store(alone, plan, 0), 2u);
  EXPECT_EQ(phase_of_store(alone, plan, 1), 2u);
  EXPECT_EQ(plan.operations[alone.phases[2].operations[0]].kind, plan::Kind::kStore)
      << "before what it stores is gone";
}

TEST(Alone, NotWhereTheStoreWouldBeTooLate) {
  const plan::Plan plan = plan_of(std::string(kBegin) + R"(
    LDV v5, [b0], 32
    ADD v4, v4, v5, 32
    SV v4, [b3], 32
    HALT)");
  EXPECT_FALSE(alone_of(plan).possible());
}

TEST(Alone, NotWhereTheSamePhaseLoadsWhatItStores) {
  const plan::Plan plan = plan_of(R"(
    LDV v0, [b1], 32
    SV v0, [b0], 32
    LDV v1, [b0], 32
    QUANT v3, v1, 32
    TMATMUL v4, v3, [b4], 32, 32, 0x0d000001
    SV v4, [b3], 32
    HALT)");
  EXPECT_FALSE(alone_of(plan).possible());
}

TEST(Alone, OnlyProductsAreExchanged) {
  const plan::Plan plan = plan_of(std::string(kBegin) + "SV v4, [b3], 32\nHALT");
  for (const std::size_t shared_bytes : {std::size_t{1} << 16, std::size_t{0}}) {
    const Alone alone = alone_of(plan, shared_bytes);
    const auto own = shared_bytes == 0 ? Alone::Where::kOfBlock : Alone::Where::kInShared;
    for (const plan::Operation& op : plan.operations) {
      if (op.out == plan::kNoValue) continue;
      const bool product = op.kind == plan::Kind::kProduct;
      EXPECT_EQ(alone.vectors[op.out].where, product ? Alone::Where::kExchanged : own);
    }
    EXPECT_LE(alone.shared_bytes, shared_bytes);
  }
}

TEST(Alone, BlocksLeaveOutWhatOnlyOtherProductsNeed) {
  const plan::Plan plan = plan_of(R"(
    LDV v0, [b0], 32
    QUANT v1, v0, 32
    RELU v2, v0, 32
    QUANT v3, v2, 32
    TMATMUL v4, v1, [b4], 32, 32, 0x0d000001
    TMATMUL v5, v3, [b4 + 1024], 32, 32, 0x0d000001
    ADD v4, v4, v5, 32
    SV v4, [b3], 32
    HALT)");
  const Alone alone = alone_of(plan);
  ASSERT_TRUE(alone.possible());
  // By the program's order.
  const std::vector<std::uint32_t> wanted = {Alone::kNobody, 4, 5, 5};
  EXPECT_TRUE(std::ranges::equal(wanted, std::span(alone.only_for).first(4)));
}

}  // namespace
}  // namespace sterna::cuda
