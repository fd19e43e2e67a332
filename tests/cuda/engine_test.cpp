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

INSTANTIATE_TEST_SUITE_P(Models, EngineTest, testing::ValuesIn(planned::cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace sterna::cuda
