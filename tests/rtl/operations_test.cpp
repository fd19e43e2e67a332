// SPDX-License-Identifier: Apache-2.0
// Each instruction on the RTL, in each configuration that the tests build.
#include "tests/rtl/operations.h"

#include <algorithm>

#include "sim/rtl/rtl_device.h"
#include "sim/rtl/rtl_model.h"

namespace sterna::rtl {
namespace {

class OperationsTest : public testing::TestWithParam<InstructionInfo> {};

TEST_P(OperationsTest, IsGoldens) {
  for (const std::string configuration : {"tiny", "lanes"}) {
    SCOPED_TRACE(configuration);
    const auto device = make_rtl_device({.configuration = configuration});
    Operations operations(*device);
    const auto there = rtl::operations(operations.capabilities());
    const auto is_it = [](const auto& info) { return info.opcode == GetParam().opcode; };
    if (!std::ranges::any_of(there, is_it)) continue;
    ASSERT_NO_FATAL_FAILURE(operations.expect_golden(GetParam(), 12));
  }
}

INSTANTIATE_TEST_SUITE_P(All, OperationsTest, testing::ValuesIn(kInstructionSet), operation_name);

}  // namespace
}  // namespace sterna::rtl
