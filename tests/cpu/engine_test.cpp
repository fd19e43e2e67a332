// SPDX-License-Identifier: Apache-2.0
// The CPU engine against golden, logit for logit: models of awkward sizes, every set of kernels,
// threads, and steps that mix everything.
#include "host/cpu/cpu_engine.h"
#include "tests/cpu/engine_fixture.h"
#include "tests/cpu/kernels.h"

namespace sterna::cpu {
namespace {

using planned::cases;

class EngineTest : public planned::EngineTest {};

TEST_P(EngineTest, EveryBitOnAllKernels) {
  for (const Kernels* kernels : kernels()) {
    SCOPED_TRACE(kernels->name);
    CpuEngine engine(file_, 5, 1, *kernels);
    ASSERT_NO_FATAL_FAILURE(expect_golden(engine, 1));
  }
}

TEST_P(EngineTest, EveryBitInAnyNumberOfThreads) {
  for (const unsigned threads : {2u, 3u, 8u}) {
    SCOPED_TRACE(threads);
    CpuEngine engine(file_, 4, threads);
    ASSERT_NO_FATAL_FAILURE(expect_golden(engine, threads));
  }
}

TEST_P(EngineTest, PromptsAreReadInOneStep) {
  CpuEngine engine(file_, 2, 1);
  std::vector<engine::Column> columns;
  for (const std::uint32_t token : text_) columns.push_back({1, token, engine::Head::kNone});
  columns.back().head = engine::Head::kLogits;
  engine.step(columns);
  EXPECT_TRUE(std::ranges::equal(engine.logits(columns.size() - 1), expected_.back()));
  EXPECT_EQ(engine.figures().passes, 2u);
}

TEST_P(EngineTest, RefusesColumnsThatAreNotThere) {
  CpuEngine engine(file_, 1, 1);
  const engine::Column beyond{0, engine.vocabulary(), engine::Head::kNone},
      other{1, 0, engine::Head::kNone};
  EXPECT_THROW(engine.step({&beyond, 1}), Error);
  EXPECT_THROW(engine.step({&other, 1}), Error);
}

INSTANTIATE_TEST_SUITE_P(Models, EngineTest, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace sterna::cpu
