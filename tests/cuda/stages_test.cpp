// SPDX-License-Identifier: Apache-2.0
// Which plans a single column runs as stages, and what is in these.
#include "host/cuda/stages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/cuda/assembled_plan.h"

namespace sterna::cuda {
namespace {

// Weights of norms are in b1.
std::optional<Stages> stages_of(const plan::Plan& plan) {
  return plan_stages(plan, plan::schedule(plan));
}

// A gated state, as a layer has it, and a product of what comes of it.
constexpr auto kLayer = R"(
    LDV v0, [b1], 32
    LDV v1, [b1 + 0x40], 32
    NORM v2, v0, v1, 32, 0x1
    QUANT v2, v2, 32
    TMATMUL v3, v2, [b4], 32, 32, 0x0d000001
    TMATMUL v4, v2, [b4 + 0x1c0], 32, 32, 0x0d000001
    LDV v5, [b0], 32
    SIG v3, v3, 32
    SCAN v5, v3, v5, v4, 32
)";
constexpr auto kBehind = R"(
    LIFT v6, v5, v1, 32, 1
    NORML v6, v6, v1, 32, 0x1
    QUANT v6, v6, 32
    TMATMUL v7, v6, [b4 + 0x380], 48, 32, 0x0d000001
    SV v7, [b3], 48
    HALT
)";

TEST(Stages, RowsBelongToTheirProducts) {
  const plan::Plan plan = plan_of(std::string(kLayer) + "SV v5, [b0], 32" + kBehind);
  const std::optional<Stages> all = stages_of(plan);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->stages.size(), 2u);
  const Stages::Stage& first = all->stages[0];
  ASSERT_EQ(first.sets.size(), 1u);
  EXPECT_EQ(first.sets[0].products.size(), 2u);
  EXPECT_EQ(first.sets[0].loads.size(), 1u) << "the state's";
  std::vector<std::uint32_t> levels;
  for (const Stages::Row& row : first.sets[0].rows) levels.push_back(row.level);
  EXPECT_EQ(levels, (std::vector<std::uint32_t>{0, 1, 2})) << "SIG, SCAN, SV";
  EXPECT_EQ(first.whole.chains.size(), 1u) << "both take the same vector";
  const Stages::Stage& second = all->stages[1];
  EXPECT_NE(second.whole.lift, Stages::kNone);
  EXPECT_NE(second.whole.chains.at(0).norm, Stages::kNone);
  // Only the state's new value is read by others, and its greatest element.
  EXPECT_EQ(std::ranges::count_if(all->published, [](const auto& each) { return each.is; }), 1);
  EXPECT_EQ(all->cells, 1u);
}

// With what comes behind the first product's rows.
bool is_possible(const std::string& between, const std::string& behind = kBehind) {
  return stages_of(plan_of(kLayer + between + behind)).has_value();
}

TEST(Stages, NotWhereAStateWouldBeLoadedTooLate) {
  constexpr auto kAdds = R"(
    LIFT v6, v5, v1, 32, 1
    QUANT v6, v6, 32
    TMATMUL v7, v6, [b4 + 0x380], 48, 32, 0x0d000001
    ADD v7, v7, v8, 48
    SV v7, [b3], 48
    HALT)";
  EXPECT_FALSE(is_possible("LDV v8, [b0], 48\nSV v5, [b0], 32", kAdds));
  EXPECT_TRUE(is_possible("LDV v8, [b0 + 0x80], 48\nSV v5, [b0], 32", kAdds));
  EXPECT_TRUE(is_possible("SV v5, [b0], 32\nLDV v8, [b0], 48", kAdds)) << "stored by then";
}

TEST(Stages, NotWhereOtherRowsOfTheStateAreLoaded) {
  EXPECT_FALSE(is_possible(R"(
    LDV v8, [b0 + 0x40], 32
    SV v5, [b0 + 0x80], 32
    MUL v5, v5, v8, 32)"));
  EXPECT_TRUE(is_possible(R"(
    LDV v8, [b0 + 0x80], 32
    SV v5, [b0 + 0x80], 32
    MUL v5, v5, v8, 32)"));
}

TEST(Stages, NotWhereAWholeVectorIsNeededRowByRow) {
  EXPECT_FALSE(is_possible("NORM v5, v5, v1, 32, 0x1\nADD v5, v5, v0, 32"));
}

TEST(Stages, NotWithoutProducts) {
  EXPECT_FALSE(stages_of(plan_of("LDV v0, [b1], 32\nQUANT v1, v0, 32\nSV v0, [b3], 32\nHALT")));
}

}  // namespace
}  // namespace sterna::cuda
