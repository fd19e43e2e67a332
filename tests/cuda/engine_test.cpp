// SPDX-License-Identifier: Apache-2.0
// The CUDA engine against golden, logit for logit: models of awkward sizes, steps that mix
// everything, GPUs of several sizes.
#include <gtest/gtest.h>

#include "host/cuda/cuda_engine.h"
#include "tests/cpu/engine_fixture.h"
#include "tests/cuda/gpus.h"

namespace sterna::cuda {
namespace {

class EngineTest : public planned::EngineTest {};

TEST_P(EngineTest, EveryBit) {
  unsigned seed = 0;
  for (std::unique_ptr<Gpu>& gpu : tested_gpus()) {
    SCOPED_TRACE(seed);
    CudaEngine engine(file_, 4, std::move(gpu));
    ASSERT_NO_FATAL_FAILURE(expect_golden(engine, ++seed));
  }
}

// Rows of more tiles than shared memory holds the vectors of, and columns beyond one block's;
// vectors for which a single column's blocks have more warps.
std::vector<planned::Case> cases() {
  std::vector<planned::Case> all = planned::cases();
  all.push_back({"LongRows", planned::config(72, 1500, 1, 40)});
  all.push_back({"LongVectors", planned::config(40, 3200, 1, 40)});
  return all;
}

// So many ids that a list is that of two vectors, token by token: blocks find parts of it where
// they are enough to hold these.
class LongLists : public planned::EngineTest {};

TEST_P(LongLists, OfASingleColumn) {
  for (const GpuOnCpuOptions& gpu :
       {GpuOnCpuOptions{.blocks = 20, .warps = 2}, GpuOnCpuOptions{.blocks = 3, .warps = 4}}) {
    CudaEngine engine(file_, 1, make_gpu_on_cpu(gpu));
    for (std::size_t i = 0; i < 3; ++i) {
      const engine::Column column{0, text_[i], engine::Head::kTop};
      engine.step({&column, 1});
      EXPECT_TRUE(std::ranges::equal(engine.top(0), engine::top_candidates(expected_[i]))) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, LongLists,
                         testing::Values(planned::Case{"Ids", planned::config(24, 40, 1, 9000)}),
                         [](const auto& each) { return each.param.name; });

INSTANTIATE_TEST_SUITE_P(Models, EngineTest, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace sterna::cuda
