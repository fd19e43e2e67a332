// SPDX-License-Identifier: Apache-2.0
// The shipped models on the CUDA engine, each logit golden's: a prompt in one pass, then tokens one
// by one, in two sequences.
#include <gtest/gtest.h>

#include "host/backends/engines.h"
#include "host/cuda/cuda_engine.h"
#include "host/engine/checking_engine.h"
#include "tests/cuda/gpus.h"

namespace sterna::cuda {
namespace {

class ShippedModels : public testing::TestWithParam<const char*> {};

TEST_P(ShippedModels, SpeakAsGoldenDoes) {
  const model::SternaFile file(std::string(STERNA_MODELS "/") + GetParam() + ".sterna");
  engine::CheckingEngine engine(
      std::make_unique<CudaEngine>(file, 2, std::move(tested_gpus().front())),
      backends::make_engine(file, {.name = "golden", .lanes = 2}));
  std::vector<engine::Column> prompt;
  for (const char c : std::string("KING HENRY:")) {
    prompt.push_back({1, static_cast<std::uint8_t>(c), engine::Head::kNone});
  }
  prompt.back().head = engine::Head::kLogits;
  engine.step(prompt);
  engine::Column first{0, 'R', engine::Head::kLogits}, second{1, ' ', engine::Head::kTop};
  engine.step(std::array{first, second});
  for (int i = 0; i < 2; ++i) {
    first.token = engine.top(1).front().token;  // any that depends on what was computed
    second.token = first.token;
    engine.step(std::array{first, second});
  }
  engine.step({&first, 1});
}

INSTANTIATE_TEST_SUITE_P(All, ShippedModels, testing::Values("shakespeare", "shakespeare-fff"));

}  // namespace
}  // namespace sterna::cuda
